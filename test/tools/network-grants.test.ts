import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import {
  createDnsLookupTool,
  createHttpCheckTool,
  createHttpRequestTool,
  createTcpConnectTool,
  createTlsCertificateTool,
} from '../../tools/builtin/index.ts';
import { guardedFetch } from '../../tools/builtin/network/guarded-fetch.ts';
import { createNetworkGate, isOpen } from '../../tools/builtin/network/network-grant.ts';
import type { LoopbackServer } from '../support/loopback.ts';
import { serve } from '../support/loopback.ts';
import { runForObject, runTool } from '../support/run-tool.ts';

const soon = (): AbortSignal => AbortSignal.timeout(5_000);
const refused = { name: 'ToolRefusal' };
const publicAddress = async (): Promise<{ address: string; family: 4 }[]> => [{ address: '93.184.216.34', family: 4 }];

describe('a grant of hosts', () => {
  const asked = (hosts: readonly string[], host: string, port: number) =>
    createNetworkGate({ hosts }, publicAddress).addressesOf({ host, port }, soon());

  for (const [hosts, host, port] of [
    ['api.example.com', 'api.example.com', 443],
    ['api.example.com', 'API.example.com.', 80],
    ['api.example.com:8443', 'api.example.com', 8443],
    ['api.example.com:*', 'api.example.com', 5],
    ['*.example.com', 'a.b.example.com', 443],
    ['*', 'anything.example', 443],
    ['*:*', 'anything.example', 9],
  ] as const) {
    it(`of ${hosts} covers ${host}:${port}`, async () => {
      assert.equal((await asked([hosts], host, port)).length, 1);
    });
  }

  for (const [hosts, host, port] of [
    ['api.example.com', 'api.example.com', 8443],
    ['api.example.com', 'evil-api.example.com', 443],
    ['api.example.com', 'api.example.com.evil.test', 443],
    ['*.example.com', 'example.com', 443],
    ['*.example.com', 'evilexample.com', 443],
    ['api.example.com:8443', 'api.example.com', 443],
    ['*', 'anything.example', 22],
  ] as const) {
    it(`of ${hosts} does not cover ${host}:${port}`, async () => {
      await assert.rejects(asked([hosts], host, port), { ...refused, message: /may not be reached; granted: / });
    });
  }

  it('that cannot be read, or is empty, makes no tool', () => {
    for (const hosts of [[], ['https://api.example.com'], ['a b'], [''], ['user@host']]) {
      assert.throws(() => createHttpCheckTool({ hosts }), TypeError, JSON.stringify(hosts));
    }
    assert.throws(() => createHttpCheckTool({ hosts: ['*'], privateNetworks: ['10.0.0.0'] }), /is no network/);
  });
});

describe('an address that is not public', () => {
  const closed =
    '127.0.0.1 127.9.9.9 0.0.0.0 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 224.0.0.1 255.255.255.255 ' +
    '::1 :: fe80::1 fd00::1 ff02::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 64:ff9b::7f00:1 2002:7f00:1:: 2001:0:1::1';
  for (const address of closed.split(' ')) {
    it(`${address} is closed`, () => assert.equal(isOpen(address, []), false));
  }

  it('is what a name that is granted may not lead to, alone or among public ones', async () => {
    for (const address of closed.split(' ')) {
      const family = address.includes(':') ? (6 as const) : (4 as const);
      const gate = createNetworkGate({ hosts: ['api.example.com'] }, async () => [
        ...(await publicAddress()),
        { address, family },
      ]);
      const asked = gate.addressesOf({ host: 'api.example.com', port: 443 }, soon());
      await assert.rejects(asked, { ...refused, message: /leads to .* which is not a public address/ }, address);
    }
  });

  it('is open where its network is granted, and no wider', async () => {
    const gate = createNetworkGate({ hosts: ['*'], privateNetworks: ['10.0.0.0/8'] }, async (host) => [
      { address: host, family: 4 },
    ]);
    assert.equal((await gate.addressesOf({ host: '10.200.0.1', port: 80 }, soon())).length, 1);
    for (const host of ['127.0.0.1', '192.168.0.1', '169.254.169.254']) {
      await assert.rejects(gate.addressesOf({ host, port: 80 }, soon()), refused);
    }
  });

  it('in any spelling a URL allows is the same address', async () => {
    const tool = createHttpCheckTool({ hosts: ['*:*'] });
    for (const host of [
      '127.1',
      '0x7f.0.0.1',
      '2130706433',
      '0177.0.0.1',
      '[::ffff:7f00:1]',
      'localhost',
      '①②⑦.0.0.1',
    ]) {
      await assert.rejects(runTool(tool, { url: `http://${host}:9/` }), refused, host);
    }
  });

  it('is never open for an IPv4 address written as a mapped one, whatever it is', () => {
    fc.assert(fc.property(fc.ipV4(), (address) => assert.equal(isOpen(`::ffff:${address}`, []), isOpen(address, []))));
  });
});

describe('a name whose server changes its mind between the check and the connection', () => {
  let granted: LoopbackServer;
  let secret: LoopbackServer;
  before(async () => {
    granted = await serve((_request, response) => response.end('granted'), '127.0.0.2');
    secret = await serve((_request, response) => response.end('secret'), '127.0.0.1', granted.port);
  });
  after(() => {
    granted.close();
    secret.close();
  });

  it('is asked once, and the connection goes to the address that was checked', async () => {
    const answers = ['127.0.0.2', '127.0.0.1', '127.0.0.1'];
    let asked = 0;
    const grant = { hosts: ['rebinding.test:*'], privateNetworks: ['127.0.0.2/32'] };
    const gate = createNetworkGate(grant, async () => [{ address: answers[asked++] ?? '', family: 4 }]);
    const url = `http://rebinding.test:${granted.port}/`;
    const request = { url, method: 'GET', follow: true, signal: soon() };
    const read = ({ response }: { response: { text(): Promise<string> } }): Promise<string> => response.text();
    assert.equal(await guardedFetch(gate, request, read), 'granted');
    assert.equal(asked, 1);
    await assert.rejects(guardedFetch(gate, request, read), { ...refused, message: /leads to 127\.0\.0\.1/ });
  });
});

describe('a redirect', () => {
  let server: LoopbackServer;
  let other: LoopbackServer;
  const seen: (string | undefined)[] = [];
  before(async () => {
    other = await serve((request, response) => {
      seen.push(request.headers.authorization);
      response.end('other');
    });
    server = await serve((request, response) => {
      const to = new URL(request.url ?? '/', 'http://here').searchParams.get('to') ?? '/';
      if (request.url === '/loop') return void response.writeHead(302, { location: '/loop' }).end();
      if (request.url === '/end') return void response.end('the end');
      response.writeHead(302, { location: to }).end();
    });
  });
  after(() => {
    server.close();
    other.close();
  });
  const reading = (...more: string[]) =>
    createHttpRequestTool({
      hosts: [`127.0.0.1:${server.port}`, ...more],
      headers: () => ({ authorization: 'Bearer of the worker' }),
    });
  const via = (to: string): string => `${server.url}/?to=${encodeURIComponent(to)}`;

  it('within the grant is followed, and the answer says where it came from', async () => {
    const result = await runForObject(reading(), { url: via('/end') });
    assert.deepEqual([result.status, result.url, result.body], [200, `${server.url}/end`, 'the end']);
  });

  it('out of the grant is refused at every hop', async () => {
    const targets = [other.url, 'http://169.254.169.254/latest/meta-data/', 'http://localhost:1/', via(via(other.url))];
    for (const to of targets) await assert.rejects(runTool(reading(), { url: via(to) }), refused, to);
    assert.equal(seen.length, 0);
  });

  it('to something that is no web address is refused', async () => {
    for (const to of ['file:///etc/passwd', 'ftp://127.0.0.1/', 'http://user:pass@127.0.0.1/', 'http://[']) {
      await assert.rejects(runTool(reading(), { url: via(to) }), refused, to);
    }
  });

  it('without an end is given up', async () => {
    await assert.rejects(runTool(reading(), { url: `${server.url}/loop` }), {
      ...refused,
      message: /redirects more than/,
    });
  });

  it('to another origin does not take the worker’s headers along', async () => {
    const result = await runForObject(reading(`127.0.0.1:${other.port}`), { url: via(other.url) });
    assert.equal(result.body, 'other');
    assert.deepEqual(seen, [undefined]);
  });
});

describe('looking tools', () => {
  it('refuse what is not granted before anything is sent', async () => {
    const grant = { hosts: ['api.example.com'] };
    for (const [tool, args] of [
      [createTcpConnectTool(grant), { host: '127.0.0.1', port: 22 }],
      [createTlsCertificateTool(grant), { host: 'localhost', port: 443 }],
      [createHttpCheckTool(grant), { url: 'http://169.254.169.254/' }],
      [createDnsLookupTool(grant), { name: 'attacker.test' }],
    ] as const) {
      await assert.rejects(runTool(tool, args), refused, tool.description.name);
    }
  });

  it('reach this machine where it is granted by name or address', async () => {
    const server = await serve((_request, response) => response.end('here'));
    for (const host of ['localhost', '127.0.0.1']) {
      const tool = createTcpConnectTool({ hosts: [`${host}:${server.port}`] });
      assert.equal((await runForObject(tool, { host, port: server.port })).connected, true, host);
    }
    server.close();
  });
});
