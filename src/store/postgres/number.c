/* store/postgres/number.c: PostgreSQL's binary forms of numbers. */
#include "store/postgres/internal.h"

/* Big-endian, two's complement. */
static int64_t read_integer(const char *data, int len)
{
    uint64_t n = (unsigned char)data[0] & 0x80 ? UINT64_MAX : 0;
    for (int i = 0; i < len; i++)
        n = n << 8 | (unsigned char)data[i];
    return (int64_t)n;
}

/* Sums are numeric: digits to the base of 10000, the first of the power `weight`. What comes after the point is cut
 * off, as SQLite does. Beyond 64 bits the number stays at the end of the range. */
static int64_t read_numeric(const char *data, int len)
{
    enum { HEAD = 8, BASE = 10000, NEGATIVE = 0x4000 };
    if (len < HEAD)
        return 0;
    int n_digits = (int)read_integer(data, 2), weight = (int)read_integer(data + 2, 2);
    bool negative = read_integer(data + 4, 2) == NEGATIVE;
    int64_t value = 0;
    for (int i = 0; i <= weight; i++) {
        int64_t digit = i < n_digits && HEAD + 2 * i + 2 <= len ? read_integer(data + HEAD + 2L * i, 2) : 0;
        if (__builtin_mul_overflow(value, BASE, &value) ||
            __builtin_add_overflow(value, negative ? -digit : digit, &value))
            return negative ? INT64_MIN : INT64_MAX;
    }
    return value;
}

int64_t column_i64(const PGresult *result, int row, int column)
{
    if (libpq.PQgetisnull(result, row, column))
        return 0;
    const char *data = libpq.PQgetvalue(result, row, column);
    int len = libpq.PQgetlength(result, row, column);
    switch (libpq.PQftype(result, column)) {
    case TYPE_INT8:
    case TYPE_INT4:
    case TYPE_INT2: return read_integer(data, len);
    case TYPE_BOOL: return data[0] != 0;
    case TYPE_NUMERIC: return read_numeric(data, len);
    default: break;
    }
    assert(!"a column of this type is no number");
    return 0;
}
