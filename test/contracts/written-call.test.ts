import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writtenCalls } from '../../contracts/written-call.ts';

const call = '{"name": "dig", "arguments": {"depth": 2, "where": "here"}}';
const expected = [{ name: 'dig', arguments: '{"depth":2,"where":"here"}' }];

test('a text that is one call and nothing else is read, however it is put', () => {
  const forms = [
    call,
    `\n  ${call}\n`,
    `\`\`\`json\n${call}\n\`\`\``,
    `\`\`\`\n${call}\`\`\``,
    `<tool_call>\n${call}\n</tool_call>`,
    `<tool_call>${call}`,
    `\`\`\`xml\n<tool_call>\n${call}\n</tool_call>\n\`\`\``,
    `<function_call>${call}</function_call>`,
    `<|python_tag|>${call.replace('arguments', 'parameters')}<|eom_id|>`,
    `[TOOL_CALLS][${call}]`,
    `<|tool_call_start|>[${call}]<|tool_call_end|>`,
    `{${call}}`,
    `{${call}`,
    '{"tool": "dig", "args": {"depth": 2, "where": "here"}}',
    '{"id": "call_1", "type": "function", "function": {"name": "dig", "arguments": "{\\"depth\\":2,\\"where\\":\\"here\\"}"}}',
    `{"tool_calls": [${call}]}`,
    '<function=dig>{"depth": 2, "where": "here"}</function>',
    '<tool_call>\n<function=dig>\n<parameter=depth>\n2\n</parameter>\n<parameter=where>\nhere\n</parameter>\n</function>\n</tool_call>',
    'dig({"depth": 2, "where": "here"})',
    call.replace('"dig"', '"functions.dig"'),
  ];
  for (const form of forms) assert.deepEqual(writtenCalls(form), expected, form);
});

test('several calls are read as several', () => {
  for (const form of [`[${call}, ${call}]`, `<tool_call>${call}</tool_call>\n<tool_call>${call}</tool_call>`]) {
    assert.deepEqual(writtenCalls(form), [...expected, ...expected], form);
  }
});

test('a text with anything beside a call has none', () => {
  const others = [
    '',
    'I shall dig.',
    `I shall dig: ${call}`,
    `${call}\nThat digs.`,
    `\`\`\`json\n${call}\n\`\`\`\nDone?`,
    '{"name": "dig"}',
    '{"name": "dig", "arguments": {"depth": 2}, "thought": "deep"}',
    '{"name": "dig", "arguments": [2]}',
    '{"name": "dig", "arguments": "deep"}',
    '{"name": "dig", "arguments": {"depth": 2}',
    '{"depth": 2}',
    '[]',
    '{{name}}',
    `<tool_call>${call}</tool_call> and so on`,
    '<function=dig>deep</function>',
    '['.repeat(30_000),
    '['.repeat(15_000) + ']'.repeat(15_000),
    '<tool_call>'.repeat(2_900),
  ];
  for (const text of others) assert.deepEqual(writtenCalls(text), [], text.slice(0, 80));
});
