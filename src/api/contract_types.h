/* api/contract_types.h: the shapes of the tables that api/generate.py makes from api/openapi.yaml.
 *
 * Everything here is constant data. contract.h (generated) adds the enums of operations, parameters, schemas and
 * enum values; its tables are declared at the end of this file. */
#ifndef CLERKWORK_API_CONTRACT_TYPES_H
#define CLERKWORK_API_CONTRACT_TYPES_H

#include "aip/filter.h"
#include "base/str.h"
#include "http/request.h"

/* ---- schemas ---- */
typedef enum ContractKind {
    KIND_STRING,
    KIND_BYTES,    /* base64 */
    KIND_TIME,     /* RFC 3339 */
    KIND_DURATION, /* "1.5s" */
    KIND_INT32,
    KIND_INT64,      /* a JSON number */
    KIND_INT64_TEXT, /* written as a JSON string */
    KIND_NUMBER,
    KIND_BOOL,
    KIND_ENUM,   /* ref is an EnumId */
    KIND_OBJECT, /* ref is a SchemaId */
    KIND_ANY
} ContractKind;

typedef enum ContractShape {
    SHAPE_ONE,
    SHAPE_ARRAY,
    SHAPE_MAP,        /* an object from any key to the kind */
    SHAPE_ONE_OR_MANY /* an array whose brackets may be left out */
} ContractShape;

#define FIELD_REQUIRED BIT(0)   /* in requests unless read-only, in responses unless write-only */
#define FIELD_CHOICE BIT(1)     /* one of the schema's members of which exactly one is set */
#define FIELD_READ_ONLY BIT(2)  /* ignored in requests */
#define FIELD_WRITE_ONLY BIT(3) /* never in responses */
#define FIELD_NULLABLE BIT(4)   /* null is a value, not absence */

typedef struct ContractField {
    Str name, camel; /* snake_case and lowerCamelCase */
    uint8_t kind, shape, flags;
    uint16_t ref;
    uint32_t min_length, max_length; /* of a string, in characters; 0 is none */
    uint32_t min_count, max_count;   /* of items or keys; 0 is none */
} ContractField;

typedef struct ContractSchema {
    Str name;
    const ContractField *fields;
    uint32_t n_fields;
    bool exactly_one; /* of the fields with FIELD_CHOICE */
    bool open;        /* further fields are part of it */
} ContractSchema;

typedef struct ContractEnum {
    Str name;
    Str prefix;        /* what literals may come without */
    const Str *values; /* the n-th is WIRE_…'s n-th */
    uint32_t n_values;
    const Str *others; /* pairs (other name, value), for filters */
    uint32_t n_others;
} ContractEnum;

/* ---- operations ---- */
typedef struct ContractParameter {
    uint16_t id; /* QueryParameter */
    Str name, camel;
    uint8_t kind;
    uint16_t ref; /* of an enum */
    bool required;
    int64_t minimum, maximum; /* of numbers */
    uint32_t max_length;      /* of texts; 0 is none */
    Str fallback;             /* text of the default, or "" */
    uint32_t most;            /* how often it may be given, of those that may repeat; 0: the last one counts */
} ContractParameter;

typedef struct ContractPathFill {
    uint16_t parameter; /* PathParameter */
    Str value;
} ContractPathFill;

typedef enum ContractStream { STREAM_NONE, STREAM_NDJSON, STREAM_EVENTS, STREAM_BYTES } ContractStream;

#define CONTRACT_NO_SCHEMA UINT16_MAX

typedef struct ContractOperation {
    Str id;   /* "ListRuns" */
    Str path; /* as the contract spells it */
    HttpMethod method;
    uint16_t canonical; /* the operation that this one is another path of; itself when none */
    bool open_to_all;   /* no token is asked for */
    Str permission;     /* "read:Run"; empty where a valid token is enough */
    Str action, resource;
    uint32_t errors; /* bits of ErrorCode, beside CONTRACT_COMMON_ERRORS */

    const ContractParameter *parameters;
    uint32_t n_parameters;
    const ContractPathFill *fills;
    uint32_t n_fills;

    int32_t page_default, page_maximum; /* 0: no pages */
    const FilterField *filter_fields;   /* other names of a field have rows of their own */
    uint32_t n_filter_fields;
    const Str *order_by; /* fields; with a single one the order is fixed and order_by says nothing */
    uint32_t n_order_by;
    Str order_default; /* "create_time desc" */
    const Str *update_mask;
    uint32_t n_update_mask;

    uint16_t body; /* SchemaId or CONTRACT_NO_SCHEMA */
    bool body_required, body_partial;
    Str body_wrapper;
    const Str *body_aliases; /* pairs (other name, name) */
    uint32_t n_body_aliases;
    const Str *body_defaults; /* pairs (name, value) */
    uint32_t n_body_defaults;
    uint64_t body_limit;

    bool long_poll;
    ContractStream stream;
    uint16_t response; /* SchemaId or CONTRACT_NO_SCHEMA */
} ContractOperation;

/* ---- routes: a tree of path segments; contract_routes[0] is its root ---- */
typedef struct RouteEdge {
    Str segment;
    uint16_t node;
} RouteEdge;

typedef struct RouteEnd {
    Str verb; /* "" for none */
    HttpMethod method;
    uint16_t operation;
} RouteEnd;

typedef struct RouteNode {
    const RouteEdge *edges; /* literal segments, sorted by bytes */
    uint32_t n_edges;
    const RouteEnd *ends;
    uint32_t n_ends;
    uint16_t child;     /* the node behind a segment of any text; 0 for none */
    uint16_t parameter; /* PathParameter of that segment */
} RouteNode;

extern const ContractEnum contract_enums[];
extern const ContractSchema contract_schemas[];
extern const ContractOperation contract_operations[];
extern const RouteNode contract_routes[];
extern const Str contract_query_names[];
extern const Str contract_permissions[]; /* every one that an operation asks for, sorted */
extern const size_t contract_permission_count;
extern const unsigned char contract_document[]; /* /openapi.json */
extern const size_t contract_document_len;

#endif
