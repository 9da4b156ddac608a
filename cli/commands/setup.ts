import { searchAttributeTypes } from '../../contracts/search-attributes.ts';
import { registerSearchAttributes } from '../../worker/search-attribute-setup.ts';
import { examples } from '../help.ts';
import { connectTemporal } from '../connect-temporal.ts';
import { openSession } from '../session.ts';
import { findSurroundings } from '../surroundings.ts';
import type { AddCommand } from './index.ts';

/** `waymark setup` */
export const addSetup: AddCommand = (program, terminal) => {
  program
    .command('setup')
    .summary("register Waymark's search attributes")
    .description("Register Waymark's search attributes in the Temporal namespace. Safe to run again.")
    .addHelpText(
      'after',
      examples('waymark setup', 'TEMPORAL_ADDRESS=temporal:7233 TEMPORAL_NAMESPACE=agents waymark setup'),
    )
    .action(async (_options: unknown, command) => {
      const session = openSession(terminal, command);
      const { temporal } = await findSurroundings(session.env);
      const { namespace } = temporal;
      const { address } = temporal.connection;
      const connection = await connectTemporal(temporal.connection);
      try {
        const registered = await registerSearchAttributes(connection, namespace);
        const present = Object.keys(searchAttributeTypes).filter((name) => !registered.includes(name));
        session.answer({ address, namespace, registered, present }, () => [
          registered.length === 0
            ? `Namespace "${namespace}" at ${address} has every search attribute already; nothing was changed.`
            : `Registered in namespace "${namespace}" at ${address}: ${registered.join(', ')}.`,
        ]);
      } finally {
        await connection.close();
      }
    });
};
