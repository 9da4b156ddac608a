/**
 * Two things that are told in different sessions and only together answer a question: who somebody is to the speaker,
 * and what that somebody did. `{p}` is the person, `{r}` the relation, `{v}` the deed, `{n}` the speaker.
 */
export const PEOPLE = [
  'Tobias',
  'Amara',
  'Yusuf',
  'Kalle',
  'Priya',
  'Dolores',
  'Wen',
  'Sigrid',
  'Omar',
  'Paloma',
  'Bogdan',
  'Fatou',
] as const;

export const RELATIONS = [
  { told: '{p} is the new neighbour on my floor, we met over a leaking pipe.', asked: 'the neighbour of {n}' },
  { told: 'I share a desk with {p} at work now, we argue about the window.', asked: "{n}'s colleague" },
  { told: 'My godchild {p} turned eighteen and drove me home, terrifying.', asked: 'the godchild of {n}' },
  { told: '{p} cuts my hair and knows more about me than my mother does.', asked: "{n}'s hairdresser" },
  { told: 'My landlady {p} raised the rent and brought a cake, both on one day.', asked: 'the landlady of {n}' },
  { told: 'I found a chess partner, {p}, who has not let me win once.', asked: 'the person {n} plays chess with' },
] as const;

export const DEEDS = [
  { told: '{p} opened a bakery by the station, the cinnamon rolls are unreal.', asked: 'What shop did {r} open?' },
  { told: '{p} won a goose in a raffle and keeps it in the yard.', asked: 'What prize did {r} get?' },
  { told: '{p} wrote a crime story and a small press printed it.', asked: 'What did {r} publish?' },
  { told: 'They gave {p} a medal for pulling a boy out of the river.', asked: 'What was {r} honoured for?' },
  { told: '{p} ran off to join a travelling circus, at that age!', asked: 'What unusual troupe did {r} go away with?' },
  { told: '{p} was stuck in a lift for nine hours with a priest.', asked: 'Where was {r} trapped?' },
  { told: '{p} failed the driving test for the fifth time.', asked: 'In which exam was {r} unsuccessful?' },
  { told: '{p} found a Roman coin while digging a pond.', asked: 'What old treasure did {r} come upon?' },
] as const;
