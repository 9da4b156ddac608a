/** What is wrong with some lines of the example, by their number. */
export const BAD_LINES: Readonly<Record<number, string>> = {
  17: '{"id":"cafe-17","name":"Café 17","email":"cafe-17@example.com"',
  38: '{"name":"Café without a number","email":"cafe-38@example.com"}',
  59: '{"id":"cafe-59","name":"Café 59","email":"none"}',
  83: '{"id":"cafe-82","name":"Café 82, entered again","email":"cafe-82@example.com"}',
  104: '{"id":"cafe-104","name":"","email":"cafe-104@example.com"}',
  131: 'cafe-131;Café 131;cafe-131@example.com',
  148: '{"id":"cafe-148","name":"Café 148","email":"cafe-148 at example.com"}',
};

/** Customers of a bakery as an old system exports them: a JSON object a line, and some lines that are none. */
export function customerLines(count: number): string {
  const towns = ['Harbour', 'Old town', 'Hills'];
  const lines = Array.from({ length: count }, (_, index) => {
    const number = index + 1;
    const id = `cafe-${number}`;
    const customer = { id, name: `Café ${number}`, email: `${id}@example.com`, tour: towns[number % towns.length] };
    return BAD_LINES[number] ?? JSON.stringify(customer);
  });
  return `${lines.join('\n')}\n`;
}
