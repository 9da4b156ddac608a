import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { chromium } from 'playwright-core';

const PROGRAMS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Why a browser test is skipped, or `false`. Where `WAYMARK_REQUIRE_CHROMIUM` is set, nothing is skipped: the test
 * fails instead.
 */
export function withoutChromium(): string | false {
  const found = PROGRAMS.some((program) => existsSync(program));
  if (found || process.env['WAYMARK_REQUIRE_CHROMIUM'] !== undefined) return false;
  return 'no Chromium is installed (Debian: apt-get install chromium)';
}

/** A page in a fresh headless Chromium. */
export async function openPage(): Promise<{ page: Page; close: () => Promise<void> }> {
  const executablePath = PROGRAMS.find((program) => existsSync(program));
  if (executablePath === undefined) throw new Error('No Chromium is installed, and this test may not be skipped here.');
  const profile = await mkdtemp(join(tmpdir(), 'waymark-chromium-'));
  const viewport = { width: 1440, height: 1100 };
  const context = await chromium.launchPersistentContext(profile, { executablePath, viewport, args: FLAGS });
  const page = await context.newPage();
  return {
    page,
    close: async () => {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}
