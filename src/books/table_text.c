/* books/table_text.c: see table_text.h. */
#include "books/table_text.h"

enum { TEXT_MAX = 16 << 20 };

typedef void PrintEscaped(Buf *out, Str cell);

static bool is_of_numbers(const Column *column, uint32_t n_rows)
{
    uint32_t numbers = 0;
    for (uint32_t row = 0; row < n_rows; row++) {
        uint8_t kind = column->cells[row].kind;
        if (kind != VALUE_NUMBER && kind != VALUE_NULL)
            return false;
        numbers += kind == VALUE_NUMBER;
    }
    return numbers > 0;
}

static void print_cell(Buf *out, Value cell, PrintEscaped *print)
{
    AUTO(buf_done)
    Buf printed = {0};
    if (cell.kind != VALUE_NULL)
        value_print(&printed, cell);
    print(out, buf_view(&printed));
}

static bool still_fits(const Buf *out, size_t begun, Error *err)
{
    return out->len - begun <= TEXT_MAX ||
           error_set(err, RESOURCE_EXHAUSTED, "table",
                     "the text would be longer than 16 MiB; narrow the table down first");
}

/* ---- Markdown ---- */

static void print_for_markdown(Buf *out, Str cell)
{
    for (size_t i = 0; i < cell.len; i++) {
        char c = cell.data[i];
        if (c == '\n')
            buf_str(out, S("<br>"));
        else if (c == '<')
            buf_str(out, S("&lt;"));
        else if (c != '\r')
            buf_printf(out, c == '|' || c == '\\' ? "\\%c" : "%c", c);
    }
}

bool table_print_markdown(Buf *out, const Table *table, Error *err)
{
    size_t begun = out->len;
    for (uint32_t i = 0; i < table->n_columns; i++) {
        buf_str(out, i == 0 ? S("| ") : S(" | "));
        print_for_markdown(out, table->columns[i].name);
    }
    buf_str(out, S(" |\n"));
    for (uint32_t i = 0; i < table->n_columns; i++)
        buf_str(out, is_of_numbers(&table->columns[i], table->n_rows) ? S("|---:") : S("|---"));
    buf_str(out, S("|\n"));
    for (uint32_t row = 0; row < table->n_rows; row++) {
        for (uint32_t i = 0; i < table->n_columns; i++) {
            buf_str(out, i == 0 ? S("| ") : S(" | "));
            print_cell(out, table->columns[i].cells[row], print_for_markdown);
        }
        buf_str(out, S(" |\n"));
        if (!still_fits(out, begun, err))
            return false;
    }
    return true;
}

/* ---- HTML ---- */

static void print_for_html(Buf *out, Str cell)
{
    for (size_t i = 0; i < cell.len; i++) {
        switch (cell.data[i]) {
        case '&': buf_str(out, S("&amp;")); break;
        case '<': buf_str(out, S("&lt;")); break;
        case '>': buf_str(out, S("&gt;")); break;
        case '"': buf_str(out, S("&quot;")); break;
        case '\n': buf_str(out, S("<br>")); break;
        default: buf_char(out, cell.data[i]);
        }
    }
}

bool table_print_html(Buf *out, const Table *table, Error *err)
{
    size_t begun = out->len;
    buf_str(out, S("<table>\n<thead>\n<tr>"));
    for (uint32_t i = 0; i < table->n_columns; i++) {
        buf_str(out, S("<th>"));
        print_for_html(out, table->columns[i].name);
        buf_str(out, S("</th>"));
    }
    buf_str(out, S("</tr>\n</thead>\n<tbody>\n"));
    for (uint32_t row = 0; row < table->n_rows; row++) {
        buf_str(out, S("<tr>"));
        for (uint32_t i = 0; i < table->n_columns; i++) {
            bool number = table->columns[i].cells[row].kind == VALUE_NUMBER;
            buf_str(out, number ? S("<td style=\"text-align:right\">") : S("<td>"));
            print_cell(out, table->columns[i].cells[row], print_for_html);
            buf_str(out, S("</td>"));
        }
        buf_str(out, S("</tr>\n"));
        if (!still_fits(out, begun, err))
            return false;
    }
    buf_str(out, S("</tbody>\n</table>\n"));
    return true;
}
