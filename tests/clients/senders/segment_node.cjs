// Sends with Segment's own library: one identify, one page, then orders.
const { Analytics } = require('@segment/analytics-node')
const [address, key, count, prefix] = process.argv.slice(2)

async function main() {
  const client = new Analytics({ writeKey: key, host: address, flushInterval: 200, maxRetries: 10 })
  client.on('error', (error) => { console.error(error.code, error.reason && error.reason.message); process.exitCode = 1 })
  client.identify({ userId: 'u1', traits: { email: 'u1@private.example', level: 3 } })
  client.page({ userId: 'u1', name: 'home', properties: { url: 'https://shop.example/' } })
  const context = { campaign: { source: 'weibo', medium: 'social', name: '618' } }
  for (let number = 0; number < Number(count); number += 1) {
    const properties = { order_id: `${prefix}-${number}`, revenue: 19.99, currency: 'CNY' }
    client.track({ userId: 'u1', event: 'Order Completed', properties, context })
  }
  await client.closeAndFlush({ timeout: 120000 })
}
main()
