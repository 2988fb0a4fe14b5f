// Connects as one device with MQTT.js. Usage: node mqtt-js.js SCENARIO VERSION MQTT_URL REST KEY PRODUCT DEVICE SECRET [CA_FILE]
'use strict';
const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const fs = require('node:fs');
const mqtt = require('mqtt');

const [, , scenario, version, url, rest, key, product, device, secret, caFile] = process.argv;
const ca = caFile && fs.readFileSync(caFile);
const own = `/${product}/${device}`;
const messages = `/v1/products/${product}/devices/${device}/messages`;

const connect = (options = {}) => mqtt.connectAsync(url, {
  protocolVersion: Number(version), clientId: device, username: `${device}&${product}`, password: secret, reconnectPeriod: 0, ca, ...options,
}, false);

const call = async (method, path, body) => {
  const answer = await fetch(rest + path, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
  });
  const json = await answer.json();
  assert.ok(answer.ok, JSON.stringify(json));
  return json;
};

const text = (value) => Buffer.from(value).toString('base64');

// Collects from the start, so that nothing is missed between two waits.
const inbox = (client) => {
  const waiting = [];
  const readers = [];
  client.on('message', (topic, payload, packet) => {
    const message = { topic, qos: packet.qos, text: payload.toString() };
    const reader = readers.shift();
    if (reader) { reader(message); } else { waiting.push(message); }
  });
  return () => (waiting.length > 0 ? Promise.resolve(waiting.shift()) : new Promise((resolve) => readers.push(resolve)));
};

const scenarios = {
  async publish() {
    const client = await connect();
    const next = inbox(client);
    await client.subscribeAsync(`${own}/echo`, { qos: 2 });
    for (const qos of [0, 1, 2]) {
      await client.publishAsync(`${own}/echo`, `at ${qos}`, { qos });
      assert.deepEqual(await next(), { topic: `${own}/echo`, qos, text: `at ${qos}` });
    }
    await client.endAsync();
  },

  async broadcast() {
    const client = await connect();
    const next = inbox(client);
    const answer = await call('POST', `/v1/products/${product}/broadcasts`, { messageContent: text('to all'), qos: 1 });
    assert.equal(answer.written, '1');
    assert.deepEqual(await next(), { topic: `/sys/${product}/${device}/broadcast/request/${answer.messageId}`, qos: 1, text: 'to all' });
    await client.endAsync();
  },

  // Answers where the request says, in 3.1.1 by its topic.
  async invoke() {
    const client = await connect();
    client.on('message', (topic, payload, { properties }) => {
      const where = version === '5' ? properties.responseTopic : topic.replace('/rrpc/request/', '/rrpc/response/');
      client.publish(where, `${payload} is 42`, { qos: 1, properties: version === '5' ? { correlationData: properties.correlationData } : undefined });
    });
    const invoke = `/v1/products/${product}/devices/${device}:invoke`;
    const answer = await call('POST', invoke, { payload: text('register 7'), qos: 1 });
    assert.deepEqual([answer.outcome, Buffer.from(answer.payload, 'base64').toString()], ['SUCCESS', 'register 7 is 42']);
    await client.endAsync();
    assert.equal((await call('POST', invoke, { payload: text('register 8') })).outcome, 'OFFLINE');
  },

  async offline() {
    for (let number = 0; number < 50; number++) {
      assert.equal((await call('POST', messages, { messageId: `m${number}`, payload: text(`${number}`) })).status, 'PENDING');
    }
    const client = mqtt.connect(url, {
      protocolVersion: Number(version), clientId: device, username: `${device}&${product}`, password: secret, reconnectPeriod: 0, ca,
    });
    const next = inbox(client);
    for (let number = 0; number < 50; number++) {
      assert.equal((await next()).text, `${number}`);
    }
    while ((await call('GET', `${messages}/m49`)).status !== 'DELIVERED') { /* the caller's patience ends it */ }
    await client.endAsync();
  },

  async refused() {
    await assert.rejects(connect({ password: 'wrong' }), { code: version === '4' ? 5 : 0x87 });
  },

  // Proves that it has the secret, and does not send it (RFC 5802 section 3).
  async scram() {
    const bare = `n=${device}&${product},r=${crypto.randomBytes(18).toString('base64')}`;
    const hmac = (key, data) => crypto.createHmac('sha256', key).update(data).digest();
    let expected;
    const client = mqtt.connect(url, {
      protocolVersion: 5, clientId: device, reconnectPeriod: 0, ca, properties: { authenticationMethod: 'SCRAM-SHA-256', authenticationData: Buffer.from(`n,,${bare}`) },
    });
    client.handleAuth = (packet, answer) => {
      const said = packet.properties.authenticationData.toString();
      const [nonce, salt, iterations] = said.split(',').map((part) => part.slice(2));
      const salted = crypto.pbkdf2Sync(secret, Buffer.from(salt, 'base64'), Number(iterations), 32, 'sha256');
      const key = hmac(salted, 'Client Key');
      const text = `${bare},${said},c=biws,r=${nonce}`;
      const signature = hmac(crypto.createHash('sha256').update(key).digest(), text);
      expected = `v=${hmac(hmac(salted, 'Server Key'), text).toString('base64')}`;
      const proof = Buffer.from(key.map((octet, place) => octet ^ signature[place])).toString('base64');
      answer(null, {
        cmd: 'auth', reasonCode: 0x18, properties: { authenticationMethod: 'SCRAM-SHA-256', authenticationData: Buffer.from(`c=biws,r=${nonce},p=${proof}`) },
      });
    };
    const connack = await new Promise((resolve, reject) => client.once('connect', resolve).once('error', reject));
    assert.equal(connack.properties.authenticationMethod, 'SCRAM-SHA-256');
    assert.equal(connack.properties.authenticationData.toString(), expected);
    const next = inbox(client);
    await client.subscribeAsync(`${own}/echo`, { qos: 1 });
    await client.publishAsync(`${own}/echo`, 'it is me', { qos: 1 });
    assert.equal((await next()).text, 'it is me');
    await client.endAsync();
  },

  async session() {
    const lasting = { clean: false, properties: version === '5' ? { sessionExpiryInterval: 60 } : undefined };
    const first = await connect(lasting);
    await first.subscribeAsync(`${own}/kept`, { qos: 1 });
    await first.endAsync();
    const second = mqtt.connect(url, {
      protocolVersion: Number(version), clientId: device, username: `${device}&${product}`, password: secret, reconnectPeriod: 0, ca, ...lasting,
    });
    const next = inbox(second);
    const connack = await new Promise((resolve, reject) => second.once('connect', resolve).once('error', reject));
    assert.equal(connack.sessionPresent, true);
    await second.publishAsync(`${own}/kept`, 'still subscribed', { qos: 1 });
    assert.equal((await next()).text, 'still subscribed');
    await second.endAsync();
  },
};

scenarios[scenario]().then(
  () => { console.log('passed'); process.exit(0); },
  (error) => { console.error(error); process.exit(1); });
