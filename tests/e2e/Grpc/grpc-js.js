// Calls the toy service with @grpc/grpc-js. Usage: node grpc-js.js SCENARIO HOST:PORT REPOSITORY KEY
'use strict';
const assert = require('node:assert/strict');
const path = require('node:path');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const [, , scenario, address, root, key] = process.argv;
const load = (file, folder) => grpc.loadPackageDefinition(
  loader.loadSync(file, { includeDirs: [path.join(root, folder)], longs: String, enums: String, defaults: true }));
const plain = grpc.credentials.createInsecure();
const { Toy } = load('toy.proto', 'tests/unit/Grpc/Protos').iot.toy.v1;
const toy = new Toy(address, plain);

const withKey = (entries = {}) => {
  const metadata = new grpc.Metadata();
  metadata.set('authorization', `Bearer ${key}`);
  Object.entries(entries).forEach(([name, value]) => metadata.set(name, value));
  return metadata;
};

const unary = (client, method, request, metadata = withKey(), options = {}) => new Promise((resolve, reject) => {
  const seen = {};
  const call = client[method](request, metadata, options, (error, response) => {
    // The status event follows the callback.
    setImmediate(() => (error ? reject(Object.assign(error, seen)) : resolve({ response, ...seen })));
  });
  call.on('metadata', (headers) => { seen.headers = headers; });
  call.on('status', (status) => { seen.trailers = status.metadata; });
});

const read = (call) => new Promise((resolve, reject) => {
  const messages = [];
  call.on('data', (message) => messages.push(message));
  call.on('end', () => resolve(messages));
  call.on('error', reject);
});

const fails = (promise, code) => assert.rejects(promise, (error) => {
  assert.equal(error.code, code, String(error));
  return true;
});

const scenarios = {
  async unary() {
    const request = { text: 'ü', number: -7, bigNumber: '9223372036854775807', content: Buffer.from([0, 255]), colour: 'GREEN', words: ['a', 'b'] };
    const { response } = await unary(toy, 'echo', request);
    Object.entries(request).forEach(([name, value]) => assert.deepEqual(response[name], value));
  },

  async manyAtOnce() {
    const answers = await Promise.all(Array.from({ length: 1000 }, (_, number) => unary(toy, 'echo', { number })));
    answers.forEach(({ response }, number) => assert.equal(response.number, number));
  },

  async metadata() {
    const { headers, trailers } = await unary(toy, 'echo', {}, withKey({ 'x-data-bin': Buffer.from([1, 2, 3, 4]) }));
    assert.deepEqual(headers.get('y-data-bin'), [Buffer.from([1, 2, 3, 4])]);
    assert.deepEqual(trailers.get('y-text'), ['trailing']);
  },

  async serverStreaming() {
    const messages = await read(toy.count({ number: 10000 }, withKey()));
    assert.equal(messages.length, 10000);
    messages.forEach((message, index) => assert.equal(message.number, index + 1));
  },

  async clientStreaming() {
    const sum = await new Promise((resolve, reject) => {
      const call = toy.sum(withKey(), (error, response) => (error ? reject(error) : resolve(response.number)));
      for (let number = 1; number <= 1000; number++) {
        call.write({ number });
      }
      call.end();
    });
    assert.equal(sum, 500500);
  },

  async bidirectional() {
    const call = toy.chat(withKey());
    const status = new Promise((resolve) => call.on('status', resolve));
    const answers = call[Symbol.asyncIterator]();
    for (let number = 1; number <= 100; number++) {
      call.write({ number });
      assert.equal((await answers.next()).value.number, number);
    }
    call.end();
    assert.equal((await answers.next()).done, true);
    assert.equal((await status).code, grpc.status.OK);
  },

  async refusal() {
    await assert.rejects(unary(toy, 'echo', { number: -1 }), { code: grpc.status.FAILED_PRECONDITION, details: '„100%“ full' });
  },

  async unauthenticated() {
    await fails(unary(toy, 'echo', {}, new grpc.Metadata()), grpc.status.UNAUTHENTICATED);
  },

  async unimplemented() {
    await fails(unary(toy, 'skipped', {}), grpc.status.UNIMPLEMENTED);
  },

  async deadline() {
    await fails(unary(toy, 'echo', { number: -2 }, withKey(), { deadline: Date.now() + 100 }), grpc.status.DEADLINE_EXCEEDED);
    await unary(toy, 'echo', {}, withKey(), { deadline: Date.now() + 30000 });
  },

  async cancellation() {
    const call = toy.count({ number: 100000000 }, withKey());
    call.once('data', () => call.cancel());
    await fails(read(call), grpc.status.CANCELLED);
    await unary(toy, 'echo', {});
  },

  async limit() {
    const client = new Toy(address, plain, { 'grpc.max_send_message_length': -1 });
    await fails(unary(client, 'echo', { content: Buffer.alloc(4 * 1024 * 1024 + 1) }), grpc.status.RESOURCE_EXHAUSTED);
    await unary(client, 'echo', { content: Buffer.alloc(4 * 1024 * 1024 - 100) });
  },

  async gzip() {
    const client = new Toy(address, plain, { 'grpc.default_compression_algorithm': grpc.compressionAlgorithms.gzip });
    const text = 'gzip '.repeat(20000);
    const { response, headers } = await unary(client, 'echo', { text });
    assert.equal(response.text, text);
    // The client takes grpc-encoding out of what it shows; that the text came back says that both ways were read.
    assert.ok(headers);
  },

  async health() {
    const { Health } = load('grpc/health/v1/health.proto', 'protos').grpc.health.v1;
    const client = new Health(address, plain);
    assert.equal((await unary(client, 'check', {}, new grpc.Metadata())).response.status, 'SERVING');
    await fails(unary(client, 'check', { service: 'nobody' }, new grpc.Metadata()), grpc.status.NOT_FOUND);
    const watch = client.watch({ service: 'nobody' });
    assert.equal((await new Promise((resolve, reject) => watch.once('data', resolve).once('error', reject))).status, 'SERVICE_UNKNOWN');
    watch.on('error', () => {});
    watch.cancel();
  },

  async reflection() {
    for (const version of ['v1', 'v1alpha']) {
      const { ServerReflection } = load(`grpc/reflection/${version}/reflection.proto`, 'protos').grpc.reflection[version];
      const call = new ServerReflection(address, plain).serverReflectionInfo(withKey());
      const answers = read(call);
      call.write({ listServices: '' });
      call.write({ fileContainingSymbol: 'iot.toy.v1.Toy' });
      call.end();
      const [services, file] = await answers;
      assert.ok(services.listServicesResponse.service.some(({ name }) => name === 'iot.toy.v1.Toy'));
      const definition = loader.loadFileDescriptorSetFromBuffer(fileSet(file.fileDescriptorResponse.fileDescriptorProto));
      assert.equal(definition['iot.toy.v1.Toy'].Echo.path, '/iot.toy.v1.Toy/Echo');
    }
  },
};

// FileDescriptorSet { repeated FileDescriptorProto file = 1; }
function fileSet(files) {
  return Buffer.concat(files.flatMap((file) => [Buffer.from([0x0a, ...varint(file.length)]), file]));
}

function varint(value) {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)];
}

scenarios[scenario]().then(
  () => { console.log('passed'); process.exit(0); },
  (error) => { console.error(error); process.exit(1); });
