// The socket that comes back by itself, against a real server over a real connection.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { afterEach, test } from "node:test";

import { LiveSocket } from "../../chats/page/static/chat/socket.js";
import { startServer } from "./websocket_server.js";

const opened = [];
afterEach(async () => {
  for (const end of opened.splice(0).reverse()) await end();
});

async function serve(port) {
  const server = await startServer(port);
  opened.push(() => server.stop().catch(() => {}));
  return server;
}

function connect(server) {
  const socket = new LiveSocket(server.url);
  opened.push(() => socket.close());
  socket.open();
  const items = socket[Symbol.asyncIterator]();
  return { socket, next: async () => (await items.next()).value };
}

test("events come in their order, commands go out", async () => {
  const server = await serve();
  const { socket, next } = connect(server);
  assert.equal(socket.send({ type: "early" }), false);
  const connection = await server.next();
  assert.deepEqual(await next(), { type: "open" });
  connection.say({ event_type: "token", text: "a" });
  connection.say({ event_type: "token", text: "b" });
  assert.deepEqual(await next(), { type: "event", event: { event_type: "token", text: "a" } });
  assert.deepEqual(await next(), { type: "event", event: { event_type: "token", text: "b" } });
  assert.equal(socket.send({ type: "stop", message_id: "m" }), true);
  assert.deepEqual(await connection.heard(), { type: "stop", message_id: "m" });
});

test("a connection that breaks is made again", async () => {
  const server = await serve();
  const { next } = connect(server);
  const connection = await server.next();
  assert.deepEqual(await next(), { type: "open" });
  connection.cut();
  assert.deepEqual(await next(), { type: "lost" });
  await server.next();
  assert.deepEqual(await next(), { type: "open" });
});

test("a server that is gone for a while is found again", async () => {
  const server = await serve();
  const { next } = connect(server);
  await server.next();
  assert.deepEqual(await next(), { type: "open" });
  await server.stop();
  assert.deepEqual(await next(), { type: "lost" });
  assert.deepEqual(await next(), { type: "lost" });
  await serve(server.port);
  let item = await next();
  while (item.type === "lost") item = await next();
  assert.deepEqual(item, { type: "open" });
});

test("a server that only opens and closes is asked more and more rarely", async () => {
  const server = await serve();
  connect(server);
  const started = performance.now();
  for (let turn = 0; turn < 3; turn += 1) (await server.next()).close(1013);
  await server.next();
  assert.ok(performance.now() - started > 1300, "three waits of at least 200, 400 and 800 ms");
});

for (const code of [4401, 4404]) {
  test(`a server that closes with ${code} is not asked again`, async () => {
    const server = await serve();
    const { socket, next } = connect(server);
    const connection = await server.next();
    assert.deepEqual(await next(), { type: "open" });
    connection.close(code);
    assert.deepEqual(await next(), { type: "closed", code });
    assert.equal(socket.isOpen, false);
  });
}

test("after a renewal the old connection has nothing to say any more", async () => {
  const server = await serve();
  const { socket, next } = connect(server);
  const old = await server.next();
  assert.deepEqual(await next(), { type: "open" });
  socket.renew();
  old.say({ event_type: "token", text: "late" });
  const fresh = await server.next();
  assert.deepEqual(await next(), { type: "open" });
  fresh.say({ event_type: "token", text: "fresh" });
  assert.equal((await next()).event.text, "fresh");
});

test("an attempt that nobody answers is given up, and another one made", async () => {
  const attempts = [];
  const deaf = createServer((socket) => attempts.push(socket)); // takes connections, says nothing
  deaf.listen(0, "127.0.0.1");
  await once(deaf, "listening");
  opened.push(() => (attempts.forEach((socket) => socket.destroy()), deaf.close()));
  const socket = new LiveSocket(`ws://127.0.0.1:${deaf.address().port}/`, { dialMs: 100 });
  opened.push(() => socket.close());
  socket.open();
  const items = socket[Symbol.asyncIterator]();
  assert.deepEqual((await items.next()).value, { type: "lost" });
  assert.deepEqual((await items.next()).value, { type: "lost" });
  assert.ok(attempts.length >= 2);
});

test("closing ends the iteration", async () => {
  const server = await serve();
  const { socket, next } = connect(server);
  await server.next();
  assert.deepEqual(await next(), { type: "open" });
  const last = next();
  socket.close();
  assert.equal(await last, undefined);
});
