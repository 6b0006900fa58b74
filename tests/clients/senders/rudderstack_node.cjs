// Sends with RudderStack's own library: one identify, one page, then orders.
const RudderAnalytics = require('@rudderstack/rudder-sdk-node')
const [address, key, count, prefix] = process.argv.slice(2)

async function main() {
  const client = new RudderAnalytics(key, { dataPlaneUrl: address, flushInterval: 200, logLevel: 'error' })
  client.identify({ userId: 'u1', traits: { email: 'u1@private.example', level: 3 } })
  client.page({ userId: 'u1', name: 'home', properties: { url: 'https://shop.example/' } })
  const context = { campaign: { source: 'weibo', medium: 'social', name: '618' } }
  const told = []
  for (let number = 0; number < Number(count); number += 1) {
    const properties = { order_id: `${prefix}-${number}`, revenue: 19.99, currency: 'CNY' }
    told.push(new Promise((resolve) => {
      client.track({ userId: 'u1', event: 'Order Completed', properties, context }, resolve)
    }))
  }
  const faults = (await Promise.all(told)).filter(Boolean)
  await client.flush()
  if (faults.length) { console.error(String(faults[0])); process.exit(1) }
  process.exit(0)
}
main()
