import type { Random } from '../support/random.ts';

/** Talk that answers nothing: of the day, of other people, of the very things that questions are about. */
export function smallTalk(random: Random): string {
  const [opener, thing, comment] = [random.pick(OPENERS), random.pick(THINGS), random.pick(COMMENTS)];
  return random.pick(SHAPES).replace('{o}', opener).replace('{t}', thing).replace('{c}', comment);
}

/** Third parties and hypotheses: near to a fact about the speaker, and none. */
export function nearMiss(random: Random, value: string): string {
  return random.pick(NEAR_MISSES).replace('{who}', random.pick(OTHERS)).replaceAll('{v}', value);
}

/** What the listener says to news; carries no fact, and often the words of the question. */
export function reaction(random: Random, name: string): string {
  return random.pick(REACTIONS).replace('{n}', name);
}

const SHAPES = ['{o} {t} {c}', '{o} {t}', '{c} {o} {t}', '{o} {t} Anyway. {c}'];
const OPENERS = [
  'Did you see the news about',
  'I keep thinking about',
  'You would not believe',
  'Somebody at the office went on about',
  'My neighbour complained again about',
  'We stood in line an hour for',
  'I had a strange dream of',
  'There was a long article on',
  'The radio talked all morning about',
  'Nobody warned me about',
  'I laughed so hard at',
  'I am half asleep after',
  'The kids upstairs are obsessed with',
];
const THINGS = [
  'the strike at the railway.',
  'that thunderstorm on Sunday.',
  'the price of olive oil.',
  'a documentary on octopuses.',
  'the election posters.',
  'the new bridge.',
  'lost luggage.',
  'the queue at the town hall.',
  'the heating in the library.',
  'a wedding in the park.',
  'moving to the countryside some day.',
  'the dentist.',
  'people who eat on the tram.',
  'the football final.',
  'broken escalators.',
  'dogs in restaurants.',
  'learning things one never uses.',
  'cheap flights.',
  'a recipe that calls for nine eggs.',
  'the moon last night.',
  'the neighbours and their drums.',
  'a job advert that sounded like a joke.',
  'phones at the dinner table.',
  'the gym at six in the morning.',
  'vegetables that all taste of water.',
  'a film about a lighthouse.',
  'how early it gets dark.',
  'the school play.',
  'a parcel that came back twice.',
  'the smell of rain on hot stone.',
];
const COMMENTS = [
  'I have no strong opinion.',
  'It made me feel old.',
  'What would you do?',
  'I needed to tell somebody.',
  'You know me.',
  'It is what it is.',
  'I blame the weather.',
  'Do you remember when we did that?',
  'Send me a picture if you pass by.',
  'I will think about it tomorrow.',
  'That was the highlight of my week, sadly.',
  'How are you holding up?',
  'Tell me something nice instead.',
  'I should get some sleep.',
];
const NEAR_MISSES = [
  '{who} will not stop talking about {v}.',
  'If I were {who}, I would have picked {v}, but nobody asks me.',
  '{who} sent a photo, something with {v}, I only half listened.',
  'On television they showed {v}. It reminded me of {who}.',
  'It is {who} with {v}, not me, people mix us up all the time.',
];
const OTHERS = [
  'my cousin',
  'the woman next door',
  'an old classmate',
  'our landlord',
  'my aunt',
  'a man on the bus',
  'my boss',
  'a friend of a friend',
  'the plumber',
];
const REACTIONS = [
  'Oh {n}, that is wonderful news!',
  'Wait, really? Since when?',
  'I did not see that coming, {n}. Tell me everything.',
  'Good for you. How does it feel?',
  'Ha! Of course you did.',
  'Are you sure about it, {n}? It sounds like a lot.',
  'I am happy for you, {n}. Let us celebrate when we meet.',
  'Hm. And what do the others say?',
  'I would never dare. Hats off.',
];
