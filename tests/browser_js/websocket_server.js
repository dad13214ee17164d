// A websocket server in a few lines (RFC 6455), for tests of the client: it can speak, hang up, and be gone.

import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** A server on a free port; `next()` is its next connection {say(object), close(code), cut(), heard()}. */
export async function startServer(port = 0) {
  const waiting = [];
  const arrived = [];
  const sockets = new Set();
  const server = createServer();
  server.on("upgrade", (request, socket) => {
    const accept = createHash("sha1").update(request.headers["sec-websocket-key"] + GUID).digest("base64");
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
    socket.on("error", () => {});
    sockets.add(socket);
    const connection = makeConnection(socket);
    if (waiting.length > 0) waiting.shift()(connection);
    else arrived.push(connection);
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    port: server.address().port,
    url: `ws://127.0.0.1:${server.address().port}/`,
    next: () => (arrived.length > 0 ? Promise.resolve(arrived.shift()) : new Promise((resolve) => waiting.push(resolve))),
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

function makeConnection(socket) {
  const texts = [];
  const waiting = [];
  socket.on("data", (data) => {
    for (let at = 0; at < data.length; ) {
      const { opcode, payload, next } = readFrame(data, at);
      at = next;
      if (opcode === 8) socket.end();
      if (opcode !== 1) continue;
      const text = JSON.parse(payload.toString());
      if (waiting.length > 0) waiting.shift()(text);
      else texts.push(text);
    }
  });
  return {
    say: (object) => socket.write(frame(1, Buffer.from(JSON.stringify(object)))),
    close: (code) => socket.write(frame(8, Buffer.from([code >> 8, code & 255]))),
    cut: () => socket.destroy(),
    heard: () => (texts.length > 0 ? Promise.resolve(texts.shift()) : new Promise((resolve) => waiting.push(resolve))),
  };
}

function frame(opcode, payload) {
  const length = payload.length < 126 ? [payload.length] : [126, payload.length >> 8, payload.length & 255];
  return Buffer.concat([Buffer.from([0x80 | opcode, ...length]), payload]);
}

/** A client's frame: masked, at most 64 KiB. */
function readFrame(data, at) {
  const opcode = data[at] & 15;
  let length = data[at + 1] & 127;
  let head = at + 2;
  if (length === 126) {
    length = data.readUInt16BE(head);
    head += 2;
  }
  const mask = data.subarray(head, head + 4);
  const payload = Buffer.from(data.subarray(head + 4, head + 4 + length)).map((byte, index) => byte ^ mask[index % 4]);
  return { opcode, payload, next: head + 4 + length };
}
