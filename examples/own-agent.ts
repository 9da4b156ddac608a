import { defineAgent, defineTool, refuse } from 'waymark';
import { z } from 'zod';

const orders = new Map([['1007', { item: 'a bread knife', euros: 39, delivered: false }]]);

const findOrder = defineTool({
  name: 'find_order',
  description: 'Finds an order by its number: item, price in euros, and whether it was delivered.',
  input: z.object({ order: z.string() }),
  effect: 'read',
  execute: async ({ order }) => orders.get(order) ?? refuse(`There is no order ${order}.`),
});

const refund = defineTool({
  name: 'refund',
  description: 'Pays money back for an order.',
  input: z.object({ order: z.string(), euros: z.number().positive() }),
  effect: 'idempotent',
  approval: 'always',
  execute: async ({ order, euros }, { idempotencyKey }) => ({ order, euros, reference: idempotencyKey }),
});

export const refunds = defineAgent({
  name: 'refunds',
  description: 'Decides on refunds.',
  instructions: 'You look the order up, and refund what was not delivered. You never refund more than its price.',
  input: z.object({ order: z.string(), complaint: z.string() }),
  output: z.object({ refunded: z.number(), why: z.string() }),
  goal: ({ order }) => `Settle the complaint about order ${order}`,
  tools: [findOrder, refund],
});
