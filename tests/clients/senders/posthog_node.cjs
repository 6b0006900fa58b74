// Sends with PostHog's own library: one identify, one page view, then orders; and asks for feature flags.
const { PostHog } = require('posthog-node')
const [address, key, count, prefix] = process.argv.slice(2)

async function main() {
  const client = new PostHog(key, { host: address, flushInterval: 200, fetchRetryCount: 10, fetchRetryDelay: 1000 })
  client.on('error', (error) => { console.error(String(error)); process.exitCode = 1 })
  const campaign = { utm_source: 'weibo', utm_medium: 'social', utm_campaign: '618' }
  client.identify({ distinctId: 'u1', properties: { email: 'u1@private.example' } })
  client.capture({ distinctId: 'u1', event: '$pageview', properties: { $current_url: 'https://shop.example/', ...campaign } })
  for (let number = 0; number < Number(count); number += 1) {
    const properties = { order_id: `${prefix}-${number}`, revenue: 19.99, currency: 'CNY', ...campaign }
    client.capture({ distinctId: 'u1', event: 'Order Completed', properties })
  }
  await client.getAllFlags('u1')
  await client.shutdown(120000)
}
main()
