/* books/xml.c: expat's callbacks, turned into ours. */
#include "books/xml.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>

struct Xml {
    XML_Parser parser;
    const XmlHandlers *handlers;
    void *self;
    int depth;
    bool refused, by_handler; /* with `err` set */
    Error *err;               /* of the piece in hand */
};

static Str local_name(const char *name)
{
    const char *colon = strrchr(name, ':');
    return str_from_c(colon ? colon + 1 : name);
}

static void refuse(Xml *xml)
{
    xml->refused = true;
    (void)XML_StopParser(xml->parser, XML_FALSE);
}

static void settle(Xml *xml, bool fine)
{
    if (fine)
        return;
    xml->by_handler = true;
    refuse(xml);
}

static void on_begin(void *self, const XML_Char *name, const XML_Char **attributes)
{
    Xml *xml = self;
    if (xml->refused)
        return;
    if (++xml->depth > XML_DEPTH_MAX) {
        (void)error_set(xml->err, INVALID_ARGUMENT, "file", "is damaged: its parts nest too deep");
        refuse(xml);
    } else if (xml->handlers->begin) {
        settle(xml, xml->handlers->begin(xml->self, local_name(name), (XmlAttributes)attributes, xml->err));
    }
}

static void on_end(void *self, const XML_Char *name)
{
    Xml *xml = self;
    xml->depth--;
    if (!xml->refused && xml->handlers->end)
        settle(xml, xml->handlers->end(xml->self, local_name(name), xml->err));
}

static void on_text(void *self, const XML_Char *text, int len)
{
    Xml *xml = self;
    if (!xml->refused && xml->handlers->text)
        settle(xml, xml->handlers->text(xml->self, str_of(text, (size_t)len), xml->err));
}

static void on_document_type(void *self, const XML_Char *name, const XML_Char *system_id, const XML_Char *public_id,
                             int has_internal_subset)
{
    (void)name, (void)system_id, (void)public_id, (void)has_internal_subset;
    Xml *xml = self;
    if (xml->refused)
        return;
    (void)error_set(xml->err, INVALID_ARGUMENT, "file",
                    "declares a document type inside, which no program for tables does: save it again");
    refuse(xml);
}

Xml *xml_new(const XmlHandlers *handlers, void *self)
{
    Xml *xml = calloc(1, sizeof *xml);
    XML_Parser parser = XML_ParserCreate(NULL);
    if (!xml || !parser)
        abort();
    *xml = (Xml){.parser = parser, .handlers = handlers, .self = self};
    XML_SetUserData(parser, xml);
    XML_SetElementHandler(parser, on_begin, on_end);
    XML_SetCharacterDataHandler(parser, on_text);
    XML_SetStartDoctypeDeclHandler(parser, on_document_type);
    return xml;
}

bool xml_feed(Xml *xml, Str piece, bool last, Error *err)
{
    xml->err = err;
    if (XML_Parse(xml->parser, piece.data ? piece.data : "", (int)piece.len, last) == XML_STATUS_OK)
        return true;
    if (xml->refused)
        return false;
    return error_set(err, INVALID_ARGUMENT, "file", "is damaged: line %lu of its content breaks off or is wrong (%s)",
                     XML_GetCurrentLineNumber(xml->parser), XML_ErrorString(XML_GetErrorCode(xml->parser)));
}

bool xml_handler_refused(const Xml *xml)
{
    return xml->by_handler;
}

void xml_done(Xml **xml)
{
    if (!*xml)
        return;
    XML_ParserFree((*xml)->parser);
    free(*xml);
    *xml = NULL;
}

Str xml_attribute(XmlAttributes attributes, Str name)
{
    for (; attributes[0]; attributes += 2) {
        if (str_eq(local_name(attributes[0]), name))
            return str_from_c(attributes[1]);
    }
    return (Str){0};
}
