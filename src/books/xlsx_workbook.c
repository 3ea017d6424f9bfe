/* books/xlsx_workbook.c: from the archive's list of parts to sheets, texts and formats. */
#include "books/xlsx_workbook.h"

#include "base/map.h"
#include "books/csv.h"
#include "books/xlsx.h"

#define STYLES_MAX 100000u
#define CODES_MAX 10000u /* formats of the file's own */
#define OUR_NAME S("Clerkwork")

/* ---- reading a part ---- */
static bool feed_piece(void *self, Str piece, Error *err)
{
    return xml_feed(self, piece, false, err);
}

/* What archive and XML say of themselves begins with a verb. */
static bool of_file(const Workbook *workbook, Error *err)
{
    Error said = *err;
    return error_set(err, said.code, said.field, "%.*s %s", STR_ARG(workbook->file_name), said.message);
}

bool workbook_read_part(Workbook *workbook, Str part, const XmlHandlers *handlers, void *self, Error *err)
{
    AUTO(xml_done)
    Xml *xml = xml_new(handlers, self);
    if (archive_read(workbook->archive, part, feed_piece, xml, err) && xml_feed(xml, S(""), true, err))
        return true;
    return xml_handler_refused(xml) ? false : of_file(workbook, err);
}

static bool damaged(const Workbook *workbook, const char *what, Error *err)
{
    return error_set(err, INVALID_ARGUMENT, "file", "%.*s is damaged: %s; open it in Excel and save it again",
                     STR_ARG(workbook->file_name), what);
}

static bool too_many(const Workbook *workbook, uint32_t most, const char *what, Error *err)
{
    return error_set(err, RESOURCE_EXHAUSTED, "file", "%.*s has more than %u %s, which is all that is read: split it",
                     STR_ARG(workbook->file_name), most, what);
}

#define GROW(workbook, items, count, cap, Type)                                                                        \
    do {                                                                                                               \
        if ((workbook)->count == (workbook)->cap) {                                                                    \
            uint32_t wanted = (workbook)->cap ? (workbook)->cap * 2 : 16;                                              \
            (workbook)->items = arena_grow((workbook)->arena, (workbook)->items, (workbook)->cap * sizeof(Type),       \
                                           wanted * sizeof(Type), _Alignof(Type));                                     \
            (workbook)->cap = wanted;                                                                                  \
        }                                                                                                              \
    } while (0)

/* ---- where parts are ---- */
/* A target is relative to the folder of the part that names it, or begins with a slash. */
static Str part_of(Arena *arena, Str folder, Str target)
{
    if (str_starts(target, S("/")))
        return str_copy(arena, str_skip(target, 1));
    while (str_starts(target, S("../"))) {
        ptrdiff_t slash = folder.len ? str_find_last_char(str_slice(folder, 0, folder.len - 1), '/') : -1;
        folder = str_slice(folder, 0, (size_t)(slash + 1));
        target = str_skip(target, 3);
    }
    return str_printf(arena, "%.*s%.*s", STR_ARG(folder), STR_ARG(target));
}

typedef struct Relations {
    Workbook *workbook;
    Str folder;
    Map by_id; /* of parts, as Str */
    Str workbook_part, texts_part, styles_part;
} Relations;

static bool relation(void *self, Str name, XmlAttributes attributes, Error *err)
{
    Relations *relations = self;
    Arena *arena = relations->workbook->arena;
    if (!str_eq(name, S("Relationship")) || str_eq(xml_attribute(attributes, S("TargetMode")), S("External")))
        return true;
    Str type = xml_attribute(attributes, S("Type")), id = xml_attribute(attributes, S("Id"));
    if (relations->by_id.count > ARCHIVE_PARTS_MAX)
        return too_many(relations->workbook, ARCHIVE_PARTS_MAX, "parts", err);
    Str *part = NEW(arena, Str);
    *part = part_of(arena, relations->folder, xml_attribute(attributes, S("Target")));
    if (str_ends(type, S("/officeDocument")))
        relations->workbook_part = *part;
    else if (str_ends(type, S("/sharedStrings")))
        relations->texts_part = *part;
    else if (str_ends(type, S("/styles")))
        relations->styles_part = *part;
    if (str_ends(type, S("/worksheet")))
        (void)map_put(&relations->by_id, str_copy(arena, id), part);
    return true;
}

static const XmlHandlers relation_handlers = {.begin = relation};

/* ---- sheets ---- */
typedef struct SheetList {
    Workbook *workbook;
    const Relations *relations;
} SheetList;

static bool is_yes(Str text)
{
    return str_eq(text, S("1")) || str_eq(text, S("true")) || str_eq(text, S("on"));
}

static bool list_sheet(void *self, Str name, XmlAttributes attributes, Error *err)
{
    SheetList *list = self;
    Workbook *workbook = list->workbook;
    if (str_eq(name, S("workbookPr")))
        workbook->dates.from_1904 = is_yes(xml_attribute(attributes, S("date1904")));
    if (!str_eq(name, S("sheet")))
        return true;
    /* r:id, not sheetId: a chart's sheet has one that is not in the map. */
    const Str *part = map_get(&list->relations->by_id, xml_attribute(attributes, S("id")));
    if (!part)
        return true;
    if (workbook->n_sheets == XLSX_SHEETS_MAX)
        return too_many(workbook, XLSX_SHEETS_MAX, "sheets", err);
    GROW(workbook, sheets, n_sheets, cap_sheets, WorkbookSheet);
    Str state = xml_attribute(attributes, S("state"));
    workbook->sheets[workbook->n_sheets++] =
        (WorkbookSheet){.name = str_copy(workbook->arena, xml_attribute(attributes, S("name"))),
                        .part = *part,
                        .hidden = str_eq(state, S("hidden")) || str_eq(state, S("veryHidden"))};
    return true;
}

static const XmlHandlers sheet_list_handlers = {.begin = list_sheet};

/* ---- texts ---- */
typedef struct TextReader {
    Workbook *workbook;
    Buf text;
    bool in_item, in_text, in_reading; /* a reading tells how the text above it sounds */
} TextReader;

static void text_reader_done(TextReader *reader)
{
    buf_done(&reader->text);
}

static bool text_begin(void *self, Str name, XmlAttributes attributes, Error *err)
{
    (void)attributes, (void)err;
    TextReader *reader = self;
    if (str_eq(name, S("si"))) {
        reader->in_item = true;
        reader->text.len = 0;
    } else if (str_eq(name, S("rPh"))) {
        reader->in_reading = true;
    } else if (str_eq(name, S("t"))) {
        reader->in_text = reader->in_item && !reader->in_reading;
    }
    return true;
}

static bool text_text(void *self, Str text, Error *err)
{
    TextReader *reader = self;
    if (!reader->in_text)
        return true;
    if (reader->text.len + text.len > CSV_CELL_BYTES_MAX)
        return too_many(reader->workbook, CSV_CELL_BYTES_MAX, "bytes in a single cell", err);
    buf_str(&reader->text, text);
    return true;
}

static bool text_end(void *self, Str name, Error *err)
{
    TextReader *reader = self;
    Workbook *workbook = reader->workbook;
    if (str_eq(name, S("t")))
        reader->in_text = false;
    if (str_eq(name, S("rPh")))
        reader->in_reading = false;
    if (!str_eq(name, S("si")))
        return true;
    if (workbook->n_texts == CSV_CELLS_MAX)
        return too_many(workbook, CSV_CELLS_MAX, "texts", err);
    reader->in_item = false;
    GROW(workbook, texts, n_texts, cap_texts, Str);
    workbook->texts[workbook->n_texts++] =
        xlsx_unescape(workbook->arena, str_copy(workbook->arena, buf_view(&reader->text)));
    return true;
}

static const XmlHandlers text_handlers = {.begin = text_begin, .text = text_text, .end = text_end};

static bool hex_unit(Str text, size_t at, unsigned *out)
{
    *out = 0;
    if (at + 7 > text.len || text.data[at] != '_' || text.data[at + 1] != 'x' || text.data[at + 6] != '_')
        return false;
    for (size_t i = at + 2; i < at + 6; i++) {
        char c = text.data[i];
        int digit = c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
        if (digit < 0)
            return false;
        *out = *out * 16 + (unsigned)digit;
    }
    return *out > 0 && (*out < 0xD800 || *out > 0xDFFF);
}

Str xlsx_unescape(Arena *arena, Str text)
{
    if (str_find(text, S("_x")) < 0)
        return text;
    Buf out = buf_in(arena);
    for (size_t i = 0; i < text.len;) {
        unsigned unit;
        if (!hex_unit(text, i, &unit)) {
            buf_char(&out, text.data[i++]);
            continue;
        }
        if (unit < 0x80) {
            buf_char(&out, (char)unit);
        } else if (unit < 0x800) {
            buf_char(&out, (char)(0xC0 | unit >> 6));
            buf_char(&out, (char)(0x80 | (unit & 0x3F)));
        } else {
            buf_char(&out, (char)(0xE0 | unit >> 12));
            buf_char(&out, (char)(0x80 | (unit >> 6 & 0x3F)));
            buf_char(&out, (char)(0x80 | (unit & 0x3F)));
        }
        i += 7;
    }
    return buf_view(&out);
}

/* ---- formats ---- */
typedef struct StyleReader {
    Workbook *workbook;
    Map codes; /* of CellFormat, by the number that the file gives the format */
    bool in_cells;
} StyleReader;

static bool style_begin(void *self, Str name, XmlAttributes attributes, Error *err)
{
    StyleReader *reader = self;
    Workbook *workbook = reader->workbook;
    Str id = xml_attribute(attributes, S("numFmtId"));
    if (str_eq(name, S("cellXfs")))
        reader->in_cells = true;
    if (str_eq(name, S("numFmt"))) {
        if (reader->codes.count > CODES_MAX)
            return too_many(workbook, CODES_MAX, "formats", err);
        CellFormat *format = NEW(workbook->arena, CellFormat);
        *format = cell_format_of(xml_attribute(attributes, S("formatCode")));
        (void)map_put(&reader->codes, str_copy(workbook->arena, id), format);
    }
    if (!str_eq(name, S("xf")) || !reader->in_cells)
        return true;
    if (workbook->n_formats == STYLES_MAX)
        return too_many(workbook, STYLES_MAX, "styles", err);
    const CellFormat *own = map_get(&reader->codes, id);
    int64_t number = 0;
    GROW(workbook, formats, n_formats, cap_formats, CellFormat);
    workbook->formats[workbook->n_formats++] = own                       ? *own
                                               : str_to_i64(id, &number) ? cell_format_builtin(number)
                                                                         : (CellFormat){0};
    return true;
}

static bool style_end(void *self, Str name, Error *err)
{
    (void)err;
    StyleReader *reader = self;
    if (str_eq(name, S("cellXfs")))
        reader->in_cells = false;
    return true;
}

static const XmlHandlers style_handlers = {.begin = style_begin, .end = style_end};

/* ---- who wrote it ---- */
typedef struct Author {
    bool in_name;
    Buf name;
} Author;

static bool author_begin(void *self, Str name, XmlAttributes attributes, Error *err)
{
    (void)attributes, (void)err;
    ((Author *)self)->in_name = str_eq(name, S("Application"));
    return true;
}

static bool author_text(void *self, Str text, Error *err)
{
    (void)err;
    Author *author = self;
    if (author->in_name && author->name.len < 100)
        buf_str(&author->name, str_slice(text, 0, 100));
    return true;
}

static bool author_end(void *self, Str name, Error *err)
{
    (void)name, (void)err;
    ((Author *)self)->in_name = false;
    return true;
}

static const XmlHandlers author_handlers = {.begin = author_begin, .text = author_text, .end = author_end};

static bool read_author(Workbook *workbook, Error *err)
{
    static const Str part = S_INIT("docProps/app.xml");
    Author author = {.name = buf_in(workbook->arena)};
    if (!archive_has(workbook->archive, part))
        return true;
    if (!workbook_read_part(workbook, part, &author_handlers, &author, err))
        return false;
    workbook->ours = str_eq(buf_view(&author.name), OUR_NAME);
    return true;
}

/* ---- all of it ---- */
static bool refuse_other_archive(const Workbook *workbook, Error *err)
{
    static const struct {
        Str part;
        const char *what;
    } others[] = {
        {S_INIT("xl/workbook.bin"), "is a binary workbook (.xlsb): save it as an Excel workbook (.xlsx)"},
        {S_INIT("word/document.xml"), "is a Word document: send the table as a workbook or as CSV"},
        {S_INIT("content.xml"), "is an OpenDocument file: save it as an Excel workbook (.xlsx) or as CSV"},
    };
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        if (archive_has(workbook->archive, others[i].part))
            return error_set(err, INVALID_ARGUMENT, "file", "%.*s %s", STR_ARG(workbook->file_name), others[i].what);
    }
    return error_set(err, INVALID_ARGUMENT, "file",
                     "%.*s is a ZIP archive, but no Excel workbook: unpack it, and send the table inside",
                     STR_ARG(workbook->file_name));
}

static Str folder_of(Str part)
{
    return str_slice(part, 0, (size_t)(str_find_last_char(part, '/') + 1));
}

/* "xl/workbook.xml" → "xl/_rels/workbook.xml.rels" */
static Str relations_part(Arena *arena, Str part)
{
    Str folder = folder_of(part);
    return str_printf(arena, "%.*s_rels/%.*s.rels", STR_ARG(folder), STR_ARG(str_skip(part, folder.len)));
}

bool workbook_open(Workbook *workbook, Arena *arena, Str bytes, Str file_name, Error *err)
{
    *workbook = (Workbook){.arena = arena,
                           .file_name = str_clip(file_name.len ? file_name : S("the file"), 100),
                           .archive = archive_open(bytes, err)};
    if (!workbook->archive)
        return of_file(workbook, err);
    Relations top = {.workbook = workbook, .by_id = {.arena = arena}};
    if (!archive_has(workbook->archive, S("_rels/.rels")) || archive_has(workbook->archive, S("xl/workbook.bin")) ||
        archive_has(workbook->archive, S("word/document.xml")))
        return refuse_other_archive(workbook, err);
    if (!workbook_read_part(workbook, S("_rels/.rels"), &relation_handlers, &top, err))
        return false;
    if (top.workbook_part.len == 0)
        return refuse_other_archive(workbook, err);
    Relations *relations = NEW(arena, Relations);
    *relations = (Relations){.workbook = workbook, .folder = folder_of(top.workbook_part), .by_id = {.arena = arena}};
    SheetList list = {.workbook = workbook, .relations = relations};
    if (!workbook_read_part(workbook, relations_part(arena, top.workbook_part), &relation_handlers, relations, err) ||
        !workbook_read_part(workbook, top.workbook_part, &sheet_list_handlers, &list, err) ||
        !read_author(workbook, err))
        return false;
    if (workbook->n_sheets == 0)
        return damaged(workbook, "it has no sheet with cells", err);
    workbook->texts_part = relations->texts_part;
    workbook->styles_part = relations->styles_part;
    return true;
}

bool workbook_load(Workbook *workbook, Error *err)
{
    AUTO(text_reader_done)
    TextReader texts = {.workbook = workbook};
    StyleReader styles = {.workbook = workbook, .codes = {.arena = workbook->arena}};
    return (workbook->texts_part.len == 0 ||
            workbook_read_part(workbook, workbook->texts_part, &text_handlers, &texts, err)) &&
           (workbook->styles_part.len == 0 ||
            workbook_read_part(workbook, workbook->styles_part, &style_handlers, &styles, err));
}

void workbook_done(Workbook *workbook)
{
    archive_done(&workbook->archive);
}
