/* books/xml.h: XML piece by piece: the one doorstep of expat.
 *
 * Names lose their prefix ("x:row" is "row"). A document type, and with it every entity of its own, is refused: data
 * has none, and hostile files make bombs of them. Elements nest at most XML_DEPTH_MAX deep. */
#ifndef CLERKWORK_BOOKS_XML_H
#define CLERKWORK_BOOKS_XML_H

#include "base/error.h"
#include "base/str.h"

#define XML_DEPTH_MAX 64

typedef struct Xml Xml;
typedef const char *const *XmlAttributes; /* names and values by turns, ended by NULL */

/* What is met, in the order of the document. False, with `err` set, ends the reading. Any may be NULL. */
typedef struct XmlHandlers {
    bool (*begin)(void *self, Str name, XmlAttributes attributes, Error *err);
    bool (*text)(void *self, Str text, Error *err);
    bool (*end)(void *self, Str name, Error *err);
} XmlHandlers;

Xml *xml_new(const XmlHandlers *handlers, void *self); /* both must outlive it */
/* The next piece; the document is over with the one that is `last`. INVALID_ARGUMENT names line and reason, to follow
 * the file's name: "is damaged: …". */
MUST_USE bool xml_feed(Xml *xml, Str piece, bool last, Error *err);
bool xml_handler_refused(const Xml *xml); /* the failure was a handler's, and so is its message */
void xml_done(Xml **xml);                 /* accepts NULL */

/* The value, or an empty one with data NULL. */
Str xml_attribute(XmlAttributes attributes, Str name);

#endif
