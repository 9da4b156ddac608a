import { Box, Text, useApp, useInput, useStdout } from 'ink';
import TextInput from 'ink-text-input';
import { createElement, useCallback, useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import type { InboxEntry, InboxFilter, InboxItem, Waymark } from '../../client/index.ts';
import type { Actor } from '../../contracts/transcript.ts';
import { shortLine } from '../plain-text.ts';
import { ago } from '../times.ts';
import { actionsOf } from './actions.ts';
import type { Action } from './actions.ts';
import { requestLines } from './request-lines.ts';
import type { RequestLine } from './request-lines.ts';
import { silentText } from './silent-text.ts';

export interface InboxAppOptions {
  readonly waymark: Waymark;
  readonly filter: InboxFilter;
  readonly by: Actor;
  /** Milliseconds between two looks at the inbox. */
  readonly everyMs: number;
}

const LIST_SHARE = 0.36;
/** Lines of the frame beside the background: title, actions, line of input or news, and margins. */
const FRAME_LINES = 6;
const SCROLL_LINES = 5;

/** The inbox as a full-screen view: requests on the left, the background of one on the right, and its actions below. */
export function InboxApp(options: InboxAppOptions): ReactElement {
  const { waymark, by } = options;
  const { exit } = useApp();
  const { columns, rows } = useSize();
  const { items, problem, refresh } = useInbox(options);
  const [chosen, setChosen] = useState('');
  const [acting, setActing] = useState<Action | undefined>();
  const [typed, setTyped] = useState('');
  const [news, setNews] = useState('');
  const [scroll, setScroll] = useState(0);
  const at = Math.max(
    items.findIndex(({ id }) => id === chosen),
    0,
  );
  const item = items[at];
  const entry = useEntry(waymark, item);
  const actions = item === undefined ? [] : actionsOf(waymark, item, by);

  const carryOut = (action: Action, text: string): void => {
    setActing(undefined);
    setTyped('');
    action.carryOut(text).then(
      (done) => {
        setNews(done);
        refresh();
      },
      (error: unknown) => setNews(error instanceof Error ? error.message : String(error)),
    );
  };
  const move = (by: number): void => {
    setScroll(0);
    setChosen(items[Math.min(Math.max(at + by, 0), items.length - 1)]?.id ?? '');
  };

  useInput(
    (input, key) => {
      if (input === 'q' || (key.ctrl && input === 'c')) return exit();
      if (key.upArrow || input === 'k') return move(-1);
      if (key.downArrow || input === 'j') return move(1);
      if (key.pageDown) return setScroll(scroll + SCROLL_LINES);
      if (key.pageUp) return setScroll(Math.max(scroll - SCROLL_LINES, 0));
      const action = actions.find((one) => one.key === input) ?? (key.return ? actions[0] : undefined);
      if (action === undefined) return undefined;
      setNews('');
      if (action.wants === undefined && !key.return) return carryOut(action, '');
      if (action.wants === undefined) return undefined;
      setTyped(action.given ?? '');
      return setActing(action);
    },
    { isActive: acting === undefined },
  );
  useInput((_input, key) => void (key.escape && setActing(undefined)), { isActive: acting !== undefined });

  const listWidth = Math.floor(columns * LIST_SHARE);
  const height = Math.max(rows - FRAME_LINES, 5);
  const lines = entry === undefined ? [] : requestLines(entry, columns - listWidth - 4);
  return createElement(
    Box,
    { flexDirection: 'column', height: rows - 1, width: columns },
    createElement(Text, { bold: true }, `Inbox  ${items.length === 1 ? '1 request' : `${items.length} requests`}`),
    createElement(
      Box,
      { height, marginTop: 1 },
      createElement(
        Box,
        { flexDirection: 'column', width: listWidth, marginRight: 2 },
        ...listOf(items, at, { height, width: listWidth }),
      ),
      createElement(
        Box,
        { flexDirection: 'column', flexGrow: 1 },
        ...lines.slice(scroll, scroll + height).map((line, index) => createElement(Line, { line, key: index })),
      ),
    ),
    createElement(Text, { dimColor: true, wrap: 'truncate' }, keysOf(actions, lines.length > height)),
    acting === undefined
      ? createElement(
          Text,
          problem === '' ? { color: 'green', wrap: 'truncate' } : { color: 'red', wrap: 'truncate' },
          problem || news || ' ',
        )
      : createElement(
          Box,
          {},
          createElement(Text, { bold: true }, `${acting.wants ?? ''} `),
          createElement(TextInput, { value: typed, onChange: setTyped, onSubmit: (text) => carryOut(acting, text) }),
        ),
  );
}

function keysOf(actions: readonly Action[], scrolls: boolean): string {
  const own = actions.map(({ key, name }) => `${key} ${name}`);
  return [...own, '↑↓ choose', ...(scrolls ? ['PgUp PgDn read'] : []), 'q leave'].join('  ·  ');
}

function Line({ line }: { readonly line: RequestLine }): ReactElement {
  const { text, style } = line;
  return createElement(
    Text,
    {
      wrap: 'truncate',
      bold: style === 'strong',
      dimColor: style === 'quiet',
      ...(style === 'head' ? { color: 'cyan' } : {}),
    },
    text === '' ? ' ' : text,
  );
}

/** As many as fit, the chosen one among them; two lines each. */
function listOf(
  items: readonly InboxItem[],
  at: number,
  { height, width }: { readonly height: number; readonly width: number },
): ReactElement[] {
  if (items.length === 0) return [createElement(Text, { key: 'none', dimColor: true }, 'Nobody is waited for.')];
  const shown = Math.max(Math.floor(height / 2), 1);
  const from = Math.min(Math.max(at - Math.floor(shown / 2), 0), Math.max(items.length - shown, 0));
  return items.slice(from, from + shown).map((item, index) => {
    const chosen = from + index === at;
    const what =
      item.request.kind === 'question' ? item.request.text : `${item.request.tool} ${item.request.arguments}`;
    const who = `  ${item.id}, ${ago(item.askedAt)}${item.for === undefined ? '' : `, for ${item.for}`}`;
    return createElement(
      Box,
      { key: item.id, flexDirection: 'column' },
      createElement(
        Text,
        { inverse: chosen, wrap: 'truncate' },
        shortLine(`${item.kind === 'question' ? '?' : '!'} ${what}`, width),
      ),
      createElement(Text, { dimColor: true, wrap: 'truncate' }, shortLine(who, width)),
    );
  });
}

/** The requests, looked at again and again. */
function useInbox({ waymark, filter, everyMs }: InboxAppOptions) {
  const [items, setItems] = useState<readonly InboxItem[]>([]);
  const [problem, setProblem] = useState('');
  const refresh = useCallback((): void => {
    waymark.inbox.list(filter).then(
      ({ items: found, silent }) => {
        setItems(found);
        setProblem(silent.length === 0 ? '' : silentText(silent));
      },
      (error: unknown) => setProblem(error instanceof Error ? error.message : String(error)),
    );
  }, [waymark, filter]);
  useEffect(() => {
    refresh();
    const timer = setInterval(refresh, everyMs);
    return () => clearInterval(timer);
  }, [refresh, everyMs]);
  return { items, problem, refresh };
}

/** The background of a request; fetched anew where the request has changed. */
function useEntry(waymark: Waymark, item: InboxItem | undefined): InboxEntry | undefined {
  const [entry, setEntry] = useState<InboxEntry | undefined>();
  const id = item?.id;
  const version = JSON.stringify(item?.request);
  useEffect(() => {
    let left = false;
    setEntry(undefined);
    if (id === undefined) return undefined;
    waymark.inbox.open(id).then(
      (found) => void (left || setEntry(found)),
      () => undefined,
    );
    return () => void (left = true);
  }, [waymark, id, version]);
  return entry;
}

function useSize(): { readonly columns: number; readonly rows: number } {
  const { stdout } = useStdout();
  const [size, setSize] = useState({ columns: stdout.columns, rows: stdout.rows });
  useEffect(() => {
    const measure = (): void => setSize({ columns: stdout.columns, rows: stdout.rows });
    stdout.on('resize', measure);
    return () => void stdout.off('resize', measure);
  }, [stdout]);
  return size;
}
