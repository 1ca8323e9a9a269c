/** What a town's events are named in. */
export type Language = "en" | "de" | "fr" | "es" | "ru" | "ja" | "ko" | "ar" | "el";

export interface Town {
  readonly name: string;
  readonly country: string;
  readonly timeZone: string;
  readonly currency: string;
  readonly language: Language;
}

const town = (name: string, country: string, timeZone: string, currency: string, language: Language): Town => ({
  name,
  country,
  timeZone,
  currency,
  language,
});

const inGermany = (name: string) => town(name, "Germany", "Europe/Berlin", "EUR", "de");
const inFrance = (name: string) => town(name, "France", "Europe/Paris", "EUR", "fr");
const inSpain = (name: string) => town(name, "Spain", "Europe/Madrid", "EUR", "es");
const inBritain = (name: string) => town(name, "United Kingdom", "Europe/London", "GBP", "en");
const inTheStates = (name: string, timeZone = "America/New_York") => town(name, "United States", timeZone, "USD", "en");

/** Those with the most events first. */
export const TOWNS: readonly Town[] = [
  inGermany("Berlin"),
  inBritain("London"),
  inFrance("Paris"),
  inTheStates("New York"),
  inGermany("Köln"),
  inGermany("München"),
  town("Wien", "Austria", "Europe/Vienna", "EUR", "de"),
  inSpain("Madrid"),
  town("Zürich", "Switzerland", "Europe/Zurich", "CHF", "de"),
  town("東京", "Japan", "Asia/Tokyo", "JPY", "ja"),
  inGermany("Hamburg"),
  inSpain("Barcelona"),
  town("Amsterdam", "Netherlands", "Europe/Amsterdam", "EUR", "en"),
  inTheStates("Los Angeles", "America/Los_Angeles"),
  town("São Paulo", "Brazil", "America/Sao_Paulo", "BRL", "es"),
  town("Москва", "Russia", "Europe/Moscow", "RUB", "ru"),
  town("서울", "South Korea", "Asia/Seoul", "KRW", "ko"),
  inFrance("Lyon"),
  inGermany("Leipzig"),
  inGermany("Frankfurt am Main"),
  town("København", "Denmark", "Europe/Copenhagen", "DKK", "en"),
  town("Göteborg", "Sweden", "Europe/Stockholm", "SEK", "en"),
  town("Αθήνα", "Greece", "Europe/Athens", "EUR", "el"),
  town("القاهرة", "Egypt", "Africa/Cairo", "EGP", "ar"),
  inBritain("Manchester"),
  inBritain("Edinburgh"),
  inTheStates("Chicago", "America/Chicago"),
  inTheStates("Austin", "America/Chicago"),
  town("México D.F.", "Mexico", "America/Mexico_City", "MXN", "es"),
  town("Bogotá", "Colombia", "America/Bogota", "COP", "es"),
  town("大阪", "Japan", "Asia/Tokyo", "JPY", "ja"),
  town("Санкт-Петербург", "Russia", "Europe/Moscow", "RUB", "ru"),
  town("Łódź", "Poland", "Europe/Warsaw", "PLN", "en"),
  town("Kraków", "Poland", "Europe/Warsaw", "PLN", "en"),
  town("İstanbul", "Türkiye", "Europe/Istanbul", "TRY", "en"),
  town("Reykjavík", "Iceland", "Atlantic/Reykjavik", "ISK", "en"),
  town("Genève", "Switzerland", "Europe/Zurich", "CHF", "fr"),
  town("Montréal", "Canada", "America/Toronto", "CAD", "fr"),
  inGermany("Düsseldorf"),
  inGermany("Nürnberg"),
  inGermany("Tübingen"),
  inGermany("Bonn"),
  inFrance("Marseille"),
  inFrance("Nîmes"),
  inSpain("Sevilla"),
  inSpain("Málaga"),
  inBritain("Glasgow"),
  inTheStates("O'Fallon", "America/Chicago"),
  town("Roma", "Italy", "Europe/Rome", "EUR", "es"),
  town("Lisboa", "Portugal", "Europe/Lisbon", "EUR", "es"),
  town("Dublin", "Ireland", "Europe/Dublin", "EUR", "en"),
  town("Sydney", "Australia", "Australia/Sydney", "AUD", "en"),
  town("Auckland", "New Zealand", "Pacific/Auckland", "NZD", "en"),
  town("Cape Town", "South Africa", "Africa/Johannesburg", "ZAR", "en"),
  town("Mumbai", "India", "Asia/Kolkata", "INR", "en"),
  town("Singapore", "Singapore", "Asia/Singapore", "SGD", "en"),
  town("Αθήνα Πειραιάς", "Greece", "Europe/Athens", "EUR", "el"),
  town("부산", "South Korea", "Asia/Seoul", "KRW", "ko"),
  town("الإسكندرية", "Egypt", "Africa/Cairo", "EGP", "ar"),
  town("Tromsø", "Norway", "Europe/Oslo", "NOK", "en"),
];

/** A hall stands in every town; with a word before it, there are many. */
export const HALLS: Readonly<Record<Language, readonly string[]>> = {
  en: ["Arena", "Hall", "Theatre", "Club", "Stadium", "Park", "Warehouse", "Opera House", "Conference Centre"],
  de: ["Arena", "Konzerthaus", "Theater", "Stadthalle", "Keller", "Park", "Bürgerhaus", "Oper", "Messehalle"],
  fr: ["Aréna", "Théâtre", "Salle", "Opéra", "Zénith", "Palais des Congrès", "Cabaret", "Parc"],
  es: ["Arena", "Teatro", "Sala", "Auditorio", "Estadio", "Palacio", "Parque", "Café"],
  ru: ["Арена", "Театр", "Концертный зал", "Дворец культуры", "Клуб", "Парк"],
  ja: ["アリーナ", "文化会館", "ホール", "劇場", "公園"],
  ko: ["아레나", "예술의전당", "극장", "문화회관", "공원"],
  ar: ["مسرح", "قاعة", "دار الأوبرا", "حديقة"],
  el: ["Μέγαρο Μουσικής", "Θέατρο", "Στάδιο", "Κέντρο Πολιτισμού"],
};
