import { searchAttributeTypes } from '../../contracts/search-attributes.ts';
import { registerSearchAttributes } from '../../worker/search-attribute-setup.ts';
import { examples } from '../help.ts';
import { ensureCareSchedules } from '../running/care-schedules.ts';
import { connectTemporal } from '../reaching/connect-temporal.ts';
import { openSession } from '../session.ts';
import { findSurroundings } from '../reaching/surroundings.ts';
import type { AddCommand } from './add-command.ts';

/** `waymark setup` */
export const addSetup: AddCommand = (program, terminal) => {
  program
    .command('setup')
    .summary("register Waymark's search attributes, schedule the care of memories")
    .description(
      "Register Waymark's search attributes in the Temporal namespace, and schedule the care of memories. Safe to run again.",
    )
    .addHelpText(
      'after',
      examples('waymark setup', 'TEMPORAL_ADDRESS=temporal:7233 TEMPORAL_NAMESPACE=agents waymark setup'),
    )
    .action(async (_options: unknown, command) => {
      const session = openSession(terminal, command);
      const surroundings = await findSurroundings(session.env);
      const { temporal } = surroundings;
      const { namespace } = temporal;
      const { address } = temporal.connection;
      const connection = await connectTemporal(temporal.connection);
      try {
        const registered = await registerSearchAttributes(connection, namespace);
        const present = Object.keys(searchAttributeTypes).filter((name) => !registered.includes(name));
        const scheduled = await ensureCareSchedules(connection, surroundings);
        session.answer({ address, namespace, registered, present, scheduled }, () => [
          registered.length === 0
            ? `Namespace "${namespace}" at ${address} has every search attribute already; nothing was changed.`
            : `Registered in namespace "${namespace}" at ${address}: ${registered.join(', ')}.`,
          ...scheduled.map((tenant) => `Scheduled the care of the memories of tenant "${tenant}".`),
        ]);
      } finally {
        await connection.close();
      }
    });
};
