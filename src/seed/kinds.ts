import type { Chance } from "./chance.ts";
import { band, person, surname, title, tour } from "./names.ts";
import type { Language, Town } from "./places.ts";

/** A kind of event: what it is called, how long it lasts and what it costs. */
export interface Kind {
  /** In proportion to the other kinds. */
  readonly share: number;
  readonly words: Readonly<Record<Language, string>>;
  name(chance: Chance, town: Town, word: string): string;
  /** Who is on stage. */
  performers(chance: Chance): readonly string[];
  readonly hours: readonly [least: number, most: number];
  /** Of an ordinary ticket, minor units. */
  readonly price: readonly [least: number, most: number];
  readonly freeShare: number;
  readonly capacity: readonly [least: number, most: number];
}

const nobody = () => [];
const two = (chance: Chance, name: (chance: Chance) => string) =>
  chance.isSo(0.3) ? [name(chance), name(chance)] : [name(chance)];

const kind = (
  share: number,
  words: string,
  rest: Omit<Kind, "share" | "words" | "freeShare"> & { readonly freeShare?: number },
): Kind => {
  const [en = "", de = en, fr = en, es = en, ru = en, ja = en, ko = en, ar = en, el = en] = words.split("|");
  return { share, freeShare: 0.05, ...rest, words: { en, de, fr, es, ru, ja, ko, ar, el } };
};

const TOPICS =
  "Data Cloud Design Health Energy Music Robotics Food Games Climate Finance Language Space Ocean Law".split(" ");
const TEAMS = "United City Rovers Tigers Eagles Sharks Bears Titans Wanderers Rangers Falcons".split(" ");
const SKILLS =
  "Pottery Photography Cooking Calligraphy Coding Painting Juggling Knitting Baking Chess Dance Origami".split(" ");
const COMPOSERS =
  "Bach Beethoven Brahms Chopin Debussy Dvořák Händel Haydn Mahler Mozart Schubert Schumann Vivaldi".split(" ");
const WORKS = "Symphony No.|Concerto No.|Requiem|Suite No.|Sonata No.|String Quartet No.|Mass No.".split("|");

export const KINDS: readonly Kind[] = [
  kind(
    30,
    "Rock Concert|Rockkonzert|Concert Rock|Concierto de Rock|Рок-концерт|ロックコンサート|록 콘서트|حفل روك|Ροκ συναυλία",
    {
      name: (chance, _town, word) => {
        const form = chance.share();
        if (form < 0.4) return band(chance);
        return form < 0.7 ? `${band(chance)}: ${tour(chance)}` : `${word}: ${band(chance)}`;
      },
      performers: (chance) => two(chance, band),
      hours: [2, 4],
      price: [1_500, 12_000],
      capacity: [100, 20_000],
    },
  ),
  kind(12, "Jazz Night|Jazzabend|Soirée Jazz|Noche de Jazz|Джазовый вечер|ジャズの夜|재즈의 밤|ليلة جاز|Βραδιά τζαζ", {
    name: (chance, town, word) => (chance.isSo(0.5) ? `${word} ${town.name}` : `${word}: ${person(chance)} Quartet`),
    performers: (chance) => two(chance, person),
    hours: [2, 3],
    price: [800, 4_500],
    freeShare: 0.15,
    capacity: [40, 400],
  }),
  kind(
    10,
    "Classical Concert|Klassisches Konzert|Concert Classique|Concierto Clásico|Классический концерт|クラシックコンサート|클래식 음악회|حفل كلاسيكي|Κλασική συναυλία",
    {
      name: (chance, _town, word) => {
        const work = chance.one(WORKS);
        return `${chance.isSo(0.3) ? `${word}: ` : ""}${chance.one(COMPOSERS)}, ${work}${work.endsWith(".") ? ` ${chance.between(1, 9)}` : ""}`;
      },
      performers: (chance) => [person(chance), `${surname(chance)} Orchestra`],
      hours: [2, 3],
      price: [1_200, 9_000],
      capacity: [200, 2_500],
    },
  ),
  kind(12, "Theatre|Theater|Théâtre|Teatro|Спектакль|演劇|연극|مسرحية|Θεατρική παράσταση", {
    name: (chance, _town, word) => (chance.isSo(0.7) ? title(chance) : `${word}: ${title(chance)}`),
    performers: (chance) => two(chance, person),
    hours: [2, 3],
    price: [1_000, 7_000],
    capacity: [60, 1_200],
  }),
  kind(
    8,
    "Comedy Show|Comedy-Abend|Spectacle d'Humour|Noche de Comedia|Стендап|お笑いライブ|코미디 쇼|عرض كوميدي|Κωμωδία",
    {
      name: (chance, _town, word) => `${word}: ${person(chance)}`,
      performers: (chance) => two(chance, person),
      hours: [1, 2],
      price: [900, 4_000],
      capacity: [50, 900],
    },
  ),
  kind(8, "Football|Fußball|Football|Fútbol|Футбол|サッカー|축구|كرة القدم|Ποδόσφαιρο", {
    name: (chance, town, word) =>
      `${chance.isSo(0.3) ? `${word}: ` : ""}${town.name} ${chance.one(TEAMS)} vs ${surname(chance)} ${chance.one(TEAMS)}`,
    performers: nobody,
    hours: [2, 2],
    price: [1_500, 9_900],
    capacity: [2_000, 60_000],
  }),
  kind(6, "Conference|Konferenz|Conférence|Congreso|Конференция|カンファレンス|컨퍼런스|مؤتمر|Συνέδριο", {
    name: (chance, town, word) => `${chance.one(TOPICS)} ${word} ${town.name}`,
    performers: (chance) => [person(chance), person(chance), person(chance)],
    hours: [8, 72],
    price: [5_000, 99_000],
    capacity: [80, 5_000],
  }),
  kind(5, "Workshop|Workshop|Atelier|Taller|Мастер-класс|ワークショップ|워크숍|ورشة عمل|Εργαστήριο", {
    name: (chance, _town, word) => `${chance.one(SKILLS)} ${word}`,
    performers: (chance) => [person(chance)],
    hours: [2, 8],
    price: [1_000, 15_000],
    freeShare: 0.2,
    capacity: [6, 40],
  }),
  kind(4, "Festival|Festival|Festival|Festival|Фестиваль|フェスティバル|페스티벌|مهرجان|Φεστιβάλ", {
    name: (chance, town, word) => `${chance.isSo(0.5) ? town.name : surname(chance)} ${word}`,
    performers: (chance) => [band(chance), band(chance), band(chance), band(chance)],
    hours: [10, 96],
    price: [4_900, 29_900],
    capacity: [500, 80_000],
  }),
  kind(3, "Exhibition|Ausstellung|Exposition|Exposición|Выставка|展覧会|전시회|معرض|Έκθεση", {
    name: (chance, _town, word) => `${title(chance)}: ${word}`,
    performers: nobody,
    hours: [240, 4_000],
    price: [500, 2_500],
    freeShare: 0.3,
    capacity: [500, 50_000],
  }),
  kind(2, "Meetup|Treffen|Rencontre|Encuentro|Встреча|交流会|모임|لقاء|Συνάντηση", {
    name: (chance, town, word) => `${town.name} ${chance.one(TOPICS)} ${word}`,
    performers: (chance) => [person(chance)],
    hours: [2, 4],
    price: [300, 1_500],
    freeShare: 0.9,
    capacity: [15, 200],
  }),
];

const ALL_SHARES = KINDS.reduce((sum, { share }) => sum + share, 0);

export function anyKind(chance: Chance): Kind {
  let rest = chance.share() * ALL_SHARES;
  for (const one of KINDS) {
    rest -= one.share;
    if (rest < 0) return one;
  }
  return KINDS[0] as Kind;
}
