/* books/column.c: two passes over a column: what its cells say, then the conversion that they agree on. */
#include "books/column.h"

#include <string.h>

#include "books/clock_column.h"
#include "value/calendar.h"
#include "value/decimal.h"

#define IDENTIFIER_DIGITS 15 /* longer whole figures are numbers of cards, accounts and parcels, not amounts */
#define SHOWN_MAX 40
#define CURRENCY_MAX 8 /* bytes of a sign or code, with its spaces gone */

/* The last word of a column's name that makes it one of identifiers, or of amounts. */
static const Str identifier_words[] = {
    S_INIT("number"),   S_INIT("no"),        S_INIT("nr"),      S_INIT("num"),  S_INIT("id"),  S_INIT("code"),
    S_INIT("ref"),      S_INIT("reference"), S_INIT("account"), S_INIT("iban"), S_INIT("bic"), S_INIT("zip"),
    S_INIT("postcode"), S_INIT("phone"),     S_INIT("fax"),     S_INIT("sku"),  S_INIT("ean"), S_INIT("gtin"),
    S_INIT("isbn"),     S_INIT("key"),       S_INIT("serial"),  S_INIT("card"),
};
static const Str amount_words[] = {
    S_INIT("total"),   S_INIT("amount"), S_INIT("price"),  S_INIT("sum"),      S_INIT("net"),      S_INIT("gross"),
    S_INIT("tax"),     S_INIT("vat"),    S_INIT("cost"),   S_INIT("costs"),    S_INIT("fee"),      S_INIT("fees"),
    S_INIT("balance"), S_INIT("value"),  S_INIT("qty"),    S_INIT("quantity"), S_INIT("discount"), S_INIT("rate"),
    S_INIT("debit"),   S_INIT("credit"), S_INIT("salary"),
};

/* "INV 1001" is no amount: only these codes and signs are taken for currencies. */
static const Str currencies[] = {
    S_INIT("EUR"), S_INIT("USD"), S_INIT("GBP"), S_INIT("CHF"), S_INIT("JPY"), S_INIT("CNY"), S_INIT("CAD"),
    S_INIT("AUD"), S_INIT("NZD"), S_INIT("SEK"), S_INIT("NOK"), S_INIT("DKK"), S_INIT("PLN"), S_INIT("CZK"),
    S_INIT("HUF"), S_INIT("RON"), S_INIT("BGN"), S_INIT("TRY"), S_INIT("INR"), S_INIT("BRL"), S_INIT("MXN"),
    S_INIT("ZAR"), S_INIT("SGD"), S_INIT("HKD"), S_INIT("KRW"), S_INIT("ILS"), S_INIT("AED"), S_INIT("SAR"),
    S_INIT("$"),   S_INIT("€"),   S_INIT("£"),   S_INIT("¥"),   S_INIT("₹"),   S_INIT("₩"),   S_INIT("₺"),
    S_INIT("US$"), S_INIT("R$"),  S_INIT("kr"),  S_INIT("Fr"),  S_INIT("zł"),  S_INIT("Kč"),
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_name_byte(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

/* "Net total (EUR)" → "total": a remark in brackets is not part of the name. */
static Str last_word(Str name)
{
    ptrdiff_t remark = str_find_char(name, '(');
    if (remark > 0)
        name = str_slice(name, 0, (size_t)remark);
    size_t end = name.len;
    while (end > 0 && !is_name_byte(name.data[end - 1]))
        end--;
    size_t start = end;
    while (start > 0 && is_name_byte(name.data[start - 1]))
        start--;
    return str_slice(name, start, end);
}

static bool word_in(Str word, const Str *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (str_eq_fold(word, words[i]))
            return true;
    }
    return false;
}

/* ---- what a cell says ---- */
typedef enum Symbol { SYMBOL_ANY, SYMBOL_POINT, SYMBOL_COMMA, SYMBOL_CONTRADICTION } Symbol;

typedef struct CellShape {
    size_t digits, first_digit, last_digit;
    size_t points, commas, last_point, last_comma;
    char currency[CURRENCY_MAX];
    size_t currency_len;
    bool impossible; /* no figure at all */
} CellShape;

/* Signs and blanks that may stand in a figure and say nothing about its currency. */
static bool is_figure_sign(const char *data, size_t len, size_t *out_width)
{
    static const Str signs[] = {S_INIT("\xC2\xA0"), S_INIT("\xE2\x80\xAF"),
                                S_INIT("\xE2\x88\x92")}; /* two blanks, minus */
    *out_width = 1;
    if (strchr(" '-+()", data[0]) && data[0] != '\0')
        return true;
    for (size_t i = 0; i < COUNT_OF(signs); i++) {
        if (len >= signs[i].len && memcmp(data, signs[i].data, signs[i].len) == 0) {
            *out_width = signs[i].len;
            return true;
        }
    }
    return false;
}

static CellShape cell_shape(Str cell)
{
    CellShape shape = {0};
    size_t width = 1;
    for (size_t i = 0; i < cell.len && !shape.impossible; i += width) {
        char c = cell.data[i];
        width = 1;
        if (is_digit(c)) {
            shape.first_digit = shape.digits == 0 ? i : shape.first_digit;
            shape.last_digit = i;
            shape.digits++;
        } else if (c == '.') {
            shape.points++;
            shape.last_point = i;
        } else if (c == ',') {
            shape.commas++;
            shape.last_comma = i;
        } else if (!is_figure_sign(cell.data + i, cell.len - i, &width)) {
            shape.impossible = shape.currency_len == CURRENCY_MAX;
            if (!shape.impossible)
                shape.currency[shape.currency_len++] = c;
        }
    }
    Str currency = str_of(shape.currency, shape.currency_len);
    bool known = currency.len == 0 || word_in(currency, currencies, COUNT_OF(currencies));
    shape.impossible = shape.impossible || shape.digits == 0 || !known;
    return shape;
}

/* Of a cell with one kind of sign only: "1,250" may be either, "12,5" and "1250,500" and "0,125" may not. */
static Symbol symbol_of_lone(Str cell, const CellShape *shape, size_t count, size_t at, Symbol self, Symbol other)
{
    if (count > 1)
        return other;
    size_t before = at > shape->first_digit ? at - shape->first_digit : 0;
    size_t after = shape->last_digit > at ? shape->last_digit - at : 0;
    bool thousands = after == 3 && before >= 1 && before <= 3 && cell.data[shape->first_digit] != '0';
    return thousands ? SYMBOL_ANY : self;
}

static Symbol cell_symbol(Str cell, const CellShape *shape)
{
    if (shape->points && shape->commas)
        return shape->last_point > shape->last_comma ? SYMBOL_POINT : SYMBOL_COMMA;
    if (shape->points)
        return symbol_of_lone(cell, shape, shape->points, shape->last_point, SYMBOL_POINT, SYMBOL_COMMA);
    if (shape->commas)
        return symbol_of_lone(cell, shape, shape->commas, shape->last_comma, SYMBOL_COMMA, SYMBOL_POINT);
    return SYMBOL_ANY;
}

static bool cell_is_identifier(Str cell, const CellShape *shape)
{
    bool needless_zero = cell.data[shape->first_digit] == '0' && shape->first_digit + 1 < cell.len &&
                         is_digit(cell.data[shape->first_digit + 1]);
    bool plain = shape->points + shape->commas + shape->currency_len == 0;
    return needless_zero || (plain && shape->digits > IDENTIFIER_DIGITS);
}

/* ---- figures ---- */
/* The common case, without a call: -?digits, in groups of three or not, [decimal symbol digits]; at most 18 digits. */
static bool plain_figure(Str cell, char decimal, char group, Value *out)
{
    size_t at = cell.data[0] == '-', digits = 0, scale = 0, since_group = 0;
    uint64_t magnitude = 0;
    bool negative = at > 0, point = false, grouped = false;
    for (; at < cell.len; at++) {
        char c = cell.data[at];
        if (is_digit(c)) {
            magnitude = magnitude * 10 + (uint64_t)(c - '0');
            digits++;
            scale += point;
            since_group += !point;
        } else if (c == decimal && !point && digits > 0) {
            point = true;
        } else if (c == group && !point && (grouped ? since_group == 3 : since_group >= 1 && since_group <= 3)) {
            grouped = true;
            since_group = 0;
        } else {
            return false;
        }
    }
    if (digits == 0 || digits > 18 || (point && scale == 0) || (grouped && since_group != 3))
        return false;
    *out = (Value){
        .low = magnitude, .kind = VALUE_NUMBER, .scale = (uint8_t)scale, .negative = negative && magnitude != 0};
    return true;
}

static bool figure_parse(Str cell, bool decimal_comma, Value *out)
{
    Error why;
    return plain_figure(cell, decimal_comma ? ',' : '.', decimal_comma ? '.' : ',', out) ||
           decimal_parse_figure(cell, decimal_comma, out, &why);
}

typedef struct Survey {
    uint32_t cells, figures; /* cells with content, and those that may be figures */
    Symbol symbol;
    bool identifiers;
    bool currencies; /* more than one */
    char currency[CURRENCY_MAX];
    size_t currency_len;
} Survey;

static void survey_add(Survey *survey, Str cell)
{
    survey->cells++;
    CellShape shape = cell_shape(cell);
    if (shape.impossible)
        return;
    survey->figures++;
    survey->identifiers = survey->identifiers || cell_is_identifier(cell, &shape);
    survey->symbol |= cell_symbol(cell, &shape);
    if (shape.currency_len == 0)
        return;
    if (survey->currency_len == 0) {
        survey->currency_len = shape.currency_len;
        memcpy(survey->currency, shape.currency, shape.currency_len);
    }
    survey->currencies = survey->currencies || survey->currency_len != shape.currency_len ||
                         memcmp(survey->currency, shape.currency, shape.currency_len) != 0;
}

/* Gives a cell what it means; false when it means nothing of the kind. */
typedef bool CellReader(Str cell, bool decimal_comma, Value *out);

static bool all_are(const Column *column, uint32_t n_rows, CellReader *read, bool decimal_comma)
{
    Value ignored;
    for (uint32_t row = 0; row < n_rows; row++) {
        if (column->cells[row].kind == VALUE_TEXT && !read(value_str(column->cells[row]), decimal_comma, &ignored))
            return false;
    }
    return true;
}

/* All cells that can be read; the others are left as they are. */
static void convert_cells(Column *column, uint32_t n_rows, CellReader *read, bool decimal_comma)
{
    Value converted;
    for (uint32_t row = 0; row < n_rows; row++) {
        if (column->cells[row].kind == VALUE_TEXT && read(value_str(column->cells[row]), decimal_comma, &converted))
            column->cells[row] = converted;
    }
}

/* ---- dates ---- */
static bool iso_date(Str cell, bool decimal_comma, Value *out)
{
    (void)decimal_comma;
    static const char shape[] = "dddd-dd-dd";
    int part[3] = {0, 0, 0}, at = 0;
    if (cell.len != sizeof shape - 1)
        return false;
    for (size_t i = 0; i < cell.len; i++) {
        if (shape[i] == '-' ? cell.data[i] != '-' : !is_digit(cell.data[i]))
            return false;
        if (shape[i] == '-')
            at++;
        else
            part[at] = part[at] * 10 + (cell.data[i] - '0');
    }
    if (!date_is_valid(part[0], part[1], part[2]))
        return false;
    *out = value_date(part[0], part[1], part[2]);
    return true;
}

/* False as soon as it is clear that nothing will be converted: most text columns show it in their first cell. */
static bool survey_column(const Column *column, uint32_t n_rows, bool amounts, Survey *out)
{
    for (uint32_t row = 0; row < n_rows; row++) {
        if (column->cells[row].kind != VALUE_TEXT)
            continue;
        survey_add(out, value_str(column->cells[row]));
        if (!amounts && out->figures < out->cells)
            return false;
    }
    return out->figures > 0;
}

bool column_is_identifier(Str name)
{
    return word_in(last_word(name), identifier_words, COUNT_OF(identifier_words));
}

/* False where the column is neither figures nor dates. */
static bool convert_figures(Column *column, uint32_t n_rows, Str word, bool decimal_comma)
{
    bool amounts = word_in(word, amount_words, COUNT_OF(amount_words));
    Survey survey = {0};
    if (!survey_column(column, n_rows, amounts, &survey))
        return false;
    bool agreed = !survey.identifiers && !survey.currencies && survey.symbol != SYMBOL_CONTRADICTION;
    bool comma = survey.symbol == SYMBOL_ANY ? decimal_comma : survey.symbol == SYMBOL_COMMA;
    if (agreed && (amounts || all_are(column, n_rows, figure_parse, comma)))
        convert_cells(column, n_rows, figure_parse, comma);
    else if (all_are(column, n_rows, iso_date, false))
        convert_cells(column, n_rows, iso_date, false);
    return true;
}

/* TRUE, as spreadsheets save it, and true, as our own files have it: a condition must not take “false” for yes. */
static bool truth_parse(Str cell, bool decimal_comma, Value *out)
{
    (void)decimal_comma;
    bool yes = str_eq_fold(cell, S("true"));
    *out = value_bool(yes);
    return yes || str_eq_fold(cell, S("false"));
}

void column_convert(Arena *arena, Column *column, uint32_t n_rows, const ColumnRules *rules)
{
    Str word = last_word(column->name);
    if (column_is_identifier(column->name) || convert_figures(column, n_rows, word, rules->decimal_comma))
        return;
    if (all_are(column, n_rows, truth_parse, false))
        convert_cells(column, n_rows, truth_parse, false);
    else
        clock_column_convert(arena, column, n_rows, word, rules->twelve_hours);
}

bool column_stays_text(const ColumnRules *rules, Str name)
{
    for (uint32_t i = 0; i < rules->n_text_columns; i++) {
        if (name_alike(rules->text_columns[i], name))
            return true;
    }
    return false;
}

bool columns_are_there(const Table *table, const ColumnRules *rules, Str file_name, Error *err)
{
    for (uint32_t i = 0; i < rules->n_text_columns; i++) {
        bool found = false;
        for (uint32_t k = 0; k < table->n_columns && !found; k++)
            found = name_alike(rules->text_columns[i], table->columns[k].name);
        if (!found)
            return error_set(err, INVALID_ARGUMENT, "text_columns", "%.*s has no column called \"%.*s\"",
                             STR_ARG(file_name), STR_ARG(str_slice(rules->text_columns[i], 0, SHOWN_MAX)));
    }
    return true;
}

bool columns_convert(Arena *arena, Table *table, const ColumnRules *rules, Str file_name, Error *err)
{
    if (!columns_are_there(table, rules, file_name, err))
        return false;
    for (uint32_t i = 0; i < table->n_columns; i++) {
        if (!column_stays_text(rules, table->columns[i].name))
            column_convert(arena, &table->columns[i], table->n_rows, rules);
    }
    return true;
}
