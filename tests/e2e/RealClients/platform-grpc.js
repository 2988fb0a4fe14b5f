// Calls the platform with @grpc/grpc-js. Usage: node platform-grpc.js SCENARIO HOST:PORT REPOSITORY KEY PRODUCT DEVICE
'use strict';
const assert = require('node:assert/strict');
const path = require('node:path');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const [, , scenario, address, root, key, productKey, deviceName] = process.argv;
const load = (file) => grpc.loadPackageDefinition(
  loader.loadSync(file, { includeDirs: [path.join(root, 'protos')], longs: String, enums: String, defaults: true }));
const plain = grpc.credentials.createInsecure();
const messaging = new (load('iot/v1/messaging.proto').iot.v1.Messaging)(address, plain);
const registry = new (load('iot/v1/registry.proto').iot.v1.Registry)(address, plain);

const withKey = (value = key) => {
  const metadata = new grpc.Metadata();
  metadata.set('authorization', `Bearer ${value}`);
  return metadata;
};

const unary = (client, method, request, metadata = withKey()) => new Promise((resolve, reject) => {
  client[method](request, metadata, (error, response) => (error ? reject(error) : resolve(response)));
});

const scenarios = {
  async broadcast() {
    const answer = await unary(messaging, 'pubBroadcast', { productKey, messageContent: Buffer.from('to all') });
    assert.deepEqual([answer.targeted, answer.written, answer.dropped, answer.unknown], ['1', '1', '0', '0']);
    const receipt = await unary(messaging, 'getBroadcast', { productKey, messageId: answer.messageId });
    assert.deepEqual([receipt.status, receipt.targeted, receipt.payloadSize], ['COMPLETED', '1', 6]);
  },

  async message() {
    const request = { productKey, deviceName, messageId: 'from-grpc', payload: Buffer.from('to one') };
    const sent = await unary(messaging, 'sendDeviceMessage', request);
    assert.ok(['SENT', 'DELIVERED'].includes(sent.status), sent.status);
    const again = await unary(messaging, 'sendDeviceMessage', request);
    assert.deepEqual(again.createdAt, sent.createdAt);
    await assert.rejects(unary(messaging, 'sendDeviceMessage', { ...request, payload: Buffer.from('other') }), { code: grpc.status.ALREADY_EXISTS });
    const { messages } = await unary(messaging, 'listDeviceMessages', { productKey, deviceName });
    assert.deepEqual(messages.map(({ messageId }) => messageId), ['from-grpc']);
  },

  // Good and bad messages over one call; each is answered, and the call ends when both sides are done.
  async stream() {
    const call = messaging.sendDeviceMessages(withKey());
    const answers = new Map();
    const ended = new Promise((resolve, reject) => call.once('end', resolve).once('error', reject));
    const status = new Promise((resolve) => call.once('status', resolve));
    call.on('data', (answer) => answers.set(answer.correlationId, answer));
    call.write({ correlationId: '1', message: { productKey, deviceName, messageId: 'streamed', payload: Buffer.from('to one') } });
    call.write({ correlationId: '2', message: { productKey, deviceName, messageId: 'not an id' } });
    call.write({ correlationId: '18446744073709551615', message: { productKey, deviceName: 'nobody' } });
    call.end();
    await ended;
    assert.equal((await status).code, grpc.status.OK);
    assert.equal(answers.size, 3);
    assert.deepEqual([answers.get('1').message.messageId, answers.get('1').message.payload.length], ['streamed', 0]);
    assert.deepEqual([answers.get('2').error.code, answers.get('18446744073709551615').error.code], ['INVALID_ARGUMENT', 'NOT_FOUND']);
  },

  async registry() {
    const device = await unary(registry, 'createDevice', { productKey, deviceName: 'from-grpc' });
    assert.ok(device.deviceSecret.length > 0);
    assert.equal((await unary(registry, 'getDevice', { productKey, deviceName: 'from-grpc' })).deviceSecret, '');
    const { devices } = await unary(registry, 'listDevices', { productKey });
    assert.ok(devices.some((listed) => listed.deviceName === 'from-grpc'));
    await unary(registry, 'deleteDevice', { productKey, deviceName: 'from-grpc' });
    await assert.rejects(unary(registry, 'getDevice', { productKey, deviceName: 'from-grpc' }), { code: grpc.status.NOT_FOUND });
  },

  async refusals() {
    const broadcast = { productKey, messageContent: Buffer.from('x') };
    await assert.rejects(unary(messaging, 'pubBroadcast', broadcast, new grpc.Metadata()), { code: grpc.status.UNAUTHENTICATED });
    await assert.rejects(unary(messaging, 'pubBroadcast', broadcast, withKey('wrong')), { code: grpc.status.UNAUTHENTICATED });
    await assert.rejects(unary(messaging, 'pubBroadcast', { ...broadcast, productKey: 'nobody' }), { code: grpc.status.NOT_FOUND });
    await assert.rejects(unary(messaging, 'pubBroadcast', { ...broadcast, messageContent: Buffer.alloc(65537) }), { code: grpc.status.INVALID_ARGUMENT });
  },

  // What is noted of a message on its way to the device, as it is noted, until the trace is stopped.
  async trace() {
    const traces = new (load('iot/v1/traces.proto').iot.v1.Traces)(address, plain);
    const { traceId } = await unary(traces, 'startTrace', { productKey, deviceName, duration: { seconds: 60 } });
    const call = traces.watchTrace({ traceId }, withKey());
    const events = [];
    const ended = new Promise((resolve, reject) => call.once('end', resolve).once('error', reject));
    const sent = new Promise((resolve) => call.on('data', (event) => {
      events.push(event);
      if (event.step === 'RECEIVED' && event.packet === 'PUBACK') {
        resolve();
      }
    }));
    await unary(messaging, 'sendDeviceMessage', { productKey, deviceName, messageId: 'traced', payload: Buffer.from('to one') });
    await sent;
    await unary(traces, 'stopTrace', { traceId });
    await ended;
    const topic = `/sys/${productKey}/${deviceName}/message/request/traced`;
    assert.deepEqual(events.slice(0, 2).map((event) => [event.step, event.packet, event.topic, event.qos]), [['SENT', 'PUBLISH', topic, 1], ['RECEIVED', 'PUBACK', '', 0]]);
    assert.ok(events.every((event) => event.deviceName === deviceName && event.gatewayId.length > 0));
    assert.ok(!JSON.stringify(events).includes('to one'));
    const over = traces.watchTrace({ traceId }, withKey());
    await assert.rejects(new Promise((resolve, reject) => over.once('data', resolve).once('end', resolve).once('error', reject)), { code: grpc.status.NOT_FOUND });
  },

  async health() {
    const health = new (load('grpc/health/v1/health.proto').grpc.health.v1.Health)(address, plain);
    assert.equal((await unary(health, 'check', {}, new grpc.Metadata())).status, 'SERVING');
  },

  async reflection() {
    const call = new (load('grpc/reflection/v1/reflection.proto').grpc.reflection.v1.ServerReflection)(address, plain).serverReflectionInfo(withKey());
    const answer = await new Promise((resolve, reject) => {
      call.once('data', resolve).once('error', reject);
      call.write({ listServices: '' });
    });
    call.end();
    const names = answer.listServicesResponse.service.map(({ name }) => name);
    assert.ok(names.includes('iot.v1.Messaging') && names.includes('iot.v1.Registry'), names.join());
  },
};

scenarios[scenario]().then(
  () => { console.log('passed'); process.exit(0); },
  (error) => { console.error(error); process.exit(1); });
