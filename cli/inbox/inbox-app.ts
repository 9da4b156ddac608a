import { Box, Text, useApp, useInput, useStdout } from 'ink';
import type { Key } from 'ink';
import { createElement, useCallback, useEffect, useReducer, useRef, useState } from 'react';
import type { ReactElement } from 'react';
import type { InboxEntry, InboxFilter, InboxItem, Waymark } from '../../client/index.ts';
import type { Acting } from '../../contracts/who-may-answer.ts';
import { answererWords } from '../../contracts/who-may-answer.ts';
import { columnsOf, cutLine, fitText, shortLine } from '../terminal/plain-text.ts';
import { ago } from '../terminal/times.ts';
import { actionsOf } from './actions.ts';
import type { Action } from './actions.ts';
import { requestLines } from './request-lines.ts';
import type { RequestLine } from './request-lines.ts';
import { unlistedTexts } from './unlisted-texts.ts';
import { CURSOR, typedOn, withCursor } from './typed-line.ts';
import type { TypedLine } from './typed-line.ts';

export interface InboxAppOptions {
  readonly waymark: Waymark;
  readonly filter: InboxFilter;
  readonly acting: Acting;
  /** Whether colours are wanted; bold and pale lines there are in any case. */
  readonly colours: boolean;
  /** Milliseconds between two looks at the inbox. */
  readonly everyMs: number;
}

const LIST_SHARE = 0.36;
/** On fewer columns the list makes way for the request that is chosen. */
const ROOM_FOR_LIST = 70;
/** The title, and the margin below it. */
const HEAD_LINES = 2;
const SCROLL_LINES = 5;

/** The inbox as a full-screen view: requests on the left, the background of one on the right, and its actions below. */
export function InboxApp(options: InboxAppOptions): ReactElement {
  const { waymark, colours } = options;
  const { exit } = useApp();
  const { columns, rows } = useSize();
  const { items, problem, refresh } = useInbox(options);
  const { view, show } = useView();
  const at = Math.max(
    items.findIndex(({ id }) => id === view.chosen),
    0,
  );
  const item = items[at];
  view.chosen = item?.id ?? '';
  const { entry: read, lost } = useEntry(waymark, item);
  // Until it has been read, nothing is shown, and not what was chosen before.
  const entry = read?.id === item?.id ? read : undefined;
  const actions = item === undefined ? [] : actionsOf(waymark, item, options.acting);

  const carryOut = (action: Action, text: string): void => {
    show({ acting: undefined });
    action.carryOut(text).then(
      (done) => {
        show({ news: done });
        refresh();
      },
      (error: unknown) => show({ news: error instanceof Error ? error.message : String(error) }),
    );
  };
  const move = (steps: number): void => {
    const present = items.findIndex(({ id }) => id === view.chosen);
    const next = Math.min(Math.max(Math.max(present, 0) + steps, 0), items.length - 1);
    show({ scroll: 0, chosen: items[next]?.id ?? '' });
  };
  const type = (acting: Action, input: string, key: Key): void => {
    if (key.escape) return show({ acting: undefined });
    const [written = '', ...more] = input.split(/[\r\n]/u);
    if (!key.return) show({ typed: typedOn(view.typed, written, key) });
    if (key.return || more.length > 0) carryOut(acting, view.typed.text);
  };
  const choose = (input: string, key: Key): void => {
    if (key.upArrow) return move(-1);
    if (key.downArrow) return move(1);
    // A key that is held down comes several times at once.
    if (/^[jk]+$/u.test(input)) return move(Array.from(input).reduce((sum, one) => sum + (one === 'j' ? 1 : -1), 0));
    if (key.pageDown) return show({ scroll: Math.min(view.scroll + SCROLL_LINES, Math.max(lines.length - 1, 0)) });
    if (key.pageUp) return show({ scroll: Math.max(view.scroll - SCROLL_LINES, 0) });
    // Nothing is decided before what it is about can be seen.
    if (entry === undefined) return undefined;
    const [first = '', ...more] = Array.from(input);
    const action = actions.find((one) => one.key === first) ?? (key.return ? actions[0] : undefined);
    if (action === undefined) return undefined;
    show({ news: '' });
    // What is done at once takes one key by itself, so that a text that was pasted decides nothing.
    if (action.wants === undefined) return key.return || more.length > 0 ? undefined : carryOut(action, '');
    const given = action.given ?? '';
    show({ acting: action, typed: { text: given, cursor: given.length } });
    return more.length > 0 ? type(action, more.join(''), key) : undefined;
  };
  useInput((input, key) => {
    if (key.ctrl && input === 'c') return exit();
    if (view.acting !== undefined) return type(view.acting, input, key);
    return input === 'q' ? exit() : choose(input, key);
  });
  const { acting, typed, news, scroll } = view;

  const listWidth = columns < ROOM_FOR_LIST ? 0 : Math.floor(columns * LIST_SHARE);
  const lines = entry === undefined ? [] : requestLines(entry, columns - (listWidth === 0 ? 0 : listWidth + 2));
  const keys = keyLines(item, actions, columns).slice(0, Math.max(Math.floor(rows / 3), 1));
  const told = fitText([news, problem || lost].filter((text) => text !== '').join(' ') || ' ', columns);
  const foot = acting === undefined ? told : inputLines(acting, typed, { columns, rows });
  const height = Math.max(rows - 1 - HEAD_LINES - keys.length - foot.length, 1);
  return createElement(
    Box,
    { flexDirection: 'column', height: rows - 1, width: columns, overflow: 'hidden' },
    createElement(Text, { bold: true, wrap: 'truncate' }, titleOf(items.length, at, listWidth > 0)),
    createElement(
      Box,
      { height, marginTop: 1, flexShrink: 0 },
      ...(listWidth === 0
        ? []
        : [
            createElement(
              Box,
              { key: 'list', flexDirection: 'column', width: listWidth, marginRight: 2, flexShrink: 0 },
              ...listOf(items, at, { height, width: listWidth }),
            ),
          ]),
      createElement(
        Box,
        { key: 'request', flexDirection: 'column', flexGrow: 1 },
        ...lines
          .slice(scroll, scroll + height)
          .map((line, index) => createElement(Line, { line, colours, key: index })),
      ),
    ),
    ...keys.map((line) => createElement(Text, { key: line, dimColor: true, wrap: 'truncate' }, line)),
    ...foot.map((line, index) =>
      createElement(
        Text,
        {
          key: `foot ${index}`,
          wrap: 'truncate',
          bold: acting !== undefined,
          ...(acting === undefined && colours ? { color: problem || lost ? 'red' : 'green' } : {}),
        },
        line,
      ),
    ),
  );
}

/** What is asked for and what has been typed, those lines of it where the cursor is. */
function inputLines(
  acting: Action,
  typed: TypedLine,
  { columns, rows }: { readonly columns: number; readonly rows: number },
): string[] {
  const lines = cutLine(`${acting.wants ?? ''} ${withCursor(typed)}`, columns);
  const most = Math.max(Math.floor(rows / 3), 1);
  const at = lines.findLastIndex((line) => line.includes(CURSOR));
  const from = Math.max(at - most + 1, 0);
  return lines.slice(from, from + most);
}

function titleOf(count: number, at: number, listed: boolean): string {
  const requests = count === 1 ? '1 request' : `${count} requests`;
  return listed || count < 2 ? `Inbox  ${requests}` : `Inbox  request ${at + 1} of ${count}`;
}

/** What may be done now, in as many lines as it takes. */
function keyLines(item: InboxItem | undefined, actions: readonly Action[], columns: number): string[] {
  const others = item === undefined || actions.length > 0 ? undefined : answererWords(item.request);
  const own = actions.map(({ key, name }) => `${key} ${name}`);
  const parts = [...(others === undefined ? own : [others]), '↑↓ choose', 'PgUp PgDn read', 'q leave'];
  return parts.reduce<string[]>((lines, part) => {
    const longer = `${lines.at(-1) ?? ''}  ·  ${part}`;
    return lines.length === 0 || columnsOf(longer) > columns ? [...lines, part] : [...lines.slice(0, -1), longer];
  }, []);
}

function Line({ line, colours }: { readonly line: RequestLine; readonly colours: boolean }): ReactElement {
  const { text, style } = line;
  return createElement(
    Text,
    {
      wrap: 'truncate',
      bold: style === 'strong' || (style === 'head' && !colours),
      dimColor: style === 'quiet',
      ...(style === 'head' && colours ? { color: 'cyan' } : {}),
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
    const who = `${item.id}, ${ago(item.askedAt)}${item.for === undefined ? '' : `, for ${item.for}`}`;
    return createElement(
      Box,
      { key: item.id, flexDirection: 'column' },
      createElement(
        Text,
        { inverse: chosen, wrap: 'truncate' },
        shortLine(`${chosen ? '›' : ' '}${item.kind === 'question' ? '?' : '!'} ${what}`, width),
      ),
      createElement(Text, { dimColor: true, wrap: 'truncate' }, `   ${shortLine(who, width - 3)}`),
    );
  });
}

/** What the person has before them, and is doing. */
interface View {
  /** Id of the request. */
  chosen: string;
  /** What is being typed for. */
  acting: Action | undefined;
  typed: TypedLine;
  news: string;
  scroll: number;
}

/** Changed at once and drawn a moment later: keys come faster than a busy machine draws. */
function useView(): { readonly view: View; readonly show: (changes: Partial<View>) => void } {
  const { current: view } = useRef<View>({
    chosen: '',
    acting: undefined,
    typed: { text: '', cursor: 0 },
    news: '',
    scroll: 0,
  });
  const [, redraw] = useReducer((drawn: number) => drawn + 1, 0);
  const show = useCallback(
    (changes: Partial<View>): void => {
      Object.assign(view, changes);
      redraw();
    },
    [view],
  );
  return { view, show };
}

/** The requests, looked at again and again. */
function useInbox({ waymark, filter, everyMs }: InboxAppOptions) {
  const [items, setItems] = useState<readonly InboxItem[]>([]);
  const [problem, setProblem] = useState('');
  const refresh = useCallback((): void => {
    waymark.inbox.list(filter).then(
      ({ items: found, ...unlisted }) => {
        setItems(found);
        setProblem(unlistedTexts(unlisted).join(' '));
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
function useEntry(waymark: Waymark, item: InboxItem | undefined) {
  const [entry, setEntry] = useState<InboxEntry | undefined>();
  const [lost, setLost] = useState('');
  const id = item?.id;
  const version = JSON.stringify(item?.request);
  useEffect(() => {
    let left = false;
    setEntry(undefined);
    setLost('');
    if (id === undefined) return undefined;
    waymark.inbox.open(id).then(
      (found) => void (left || setEntry(found)),
      (error: unknown) => void (left || setLost(error instanceof Error ? error.message : String(error))),
    );
    return () => void (left = true);
  }, [waymark, id, version]);
  return { entry, lost };
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
