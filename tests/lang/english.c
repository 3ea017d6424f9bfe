/* tests/lang/english.c: sentences and what they mean, texts that make no sense and what is said about them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "lang/english.h"
#include "lang/function.h"
#include "lang/spy.h"
#include "tree_gen.h"

/* English, the SPy of the same tree, and the English that is printed where it is not the same. */
static const struct SentenceCase {
    const char *english, *spy, *printed;
} sentence_cases[] = {
    {"the rate is 0.19\n", "rate = 0.19\n", NULL},
    {"the start is 14 April 2026\n", "start = date(2026, 4, 14)\n", "the start is 2026-04-14\n"},
    {"the days are April 14, 2026 and 1 Jan 2027\n", "days = [date(2026, 4, 14), date(2027, 1, 1)]\n",
     "the days are 2026-04-14 and 2027-01-01\n"},
    {"the prices are EUR 1,250.00 and 3.50 EUR\n", "prices = [1250.00, 3.50]\n", "the prices are 1250.00 and 3.50\n"},
    {"the regions are \"north\", \"south\" and \"west\"\n", "regions = [\"north\", \"south\", \"west\"]\n", NULL},
    {"the regions are \"north\", \"south\", and \"west\"\n", "regions = [\"north\", \"south\", \"west\"]\n",
     "the regions are \"north\", \"south\" and \"west\"\n"},
    {"for each region in \"north\" and \"south\"\n  say \"x\"\n",
     "for region in [\"north\", \"south\"]:\n    say(\"x\")\n", NULL},
    {"the totals are the x times 2 for each x in 1, 2 and 3\n", "totals = [x * 2 for x in [1, 2, 3]]\n", NULL},
    {"for each x in ((the a) and (the b))\n  finish\n", "for x in a and b:\n    finish()\n", NULL},
    {"the rest is the orders with only the columns \"a\" and \"b\"\n", "rest = orders.select_columns([\"a\", \"b\"])\n",
     NULL},
    {"the x is the smallest of the price and the order's limit\n", "x = min(price, order[\"limit\"])\n", NULL},
    {"the x is the latest of 2026-04-14, the day and (the a plus 1)\n", "x = max(date(2026, 4, 14), day, a + 1)\n",
     "the x is the largest of 2026-04-14, the day and (the a plus 1)\n"},
    {"the x is (the largest of 3 and 5) plus 1\n", "x = max(3, 5) + 1\n", NULL},
    {"if the largest of the prices is 5 and (the flag) then\n  finish\n",
     "if max(prices) == 5 and flag:\n    finish()\n", NULL},
    {"the flag is (the largest of the prices) and the b\n", "flag = max(prices) and b\n", NULL},
    {"inputs\n  the grace period is a duration, usually 3 days\n",
     "grace_period = read_input(\"grace period\", type=duration, default=days(3))\n", NULL},
    {"output the payments joined with the orders on order no as \"x\"\n",
     "set_output(\"x\", value=tables.join(table=payments, other=orders, key=\"order no\"))\n", NULL},
    {"output the payments joined with the orders on \"PO\" and amount within 0.05 as \"x\"\n",
     "set_output(\"x\", value=tables.join(\n    table=payments,\n    other=orders,\n    key=\"PO\",\n    "
     "amount=\"amount\",\n    tolerance=0.05,\n))\n",
     NULL},
    {"the pairs are the payments joined with the orders on order no\n",
     "pairs = tables.join(table=payments, other=orders, key=\"order no\")\n",
     "join the payments to the orders by \"order no\" as the pairs\n"},
    {"output the total of each vendor in the orders as \"x\"\n",
     "set_output(\"x\", value=tables.total(table=orders, key=\"vendor\"))\n", NULL},
    {"the list is 1, 2 and 3\n", "list = [1, 2, 3]\n", "the list is the list of 1, 2 and 3\n"},
    {"inputs\n  the names is a list\n", "names = read_input(\"names\", type=list)\n",
     "inputs\n  the names are a list\n"},
    {"the Rate is 0.19.\n", "rate = 0.19\n", "the rate is 0.19\n"},
    {"the region is the list of \"north\"\n", "region = [\"north\"]\n", NULL},
    {"the rest is an empty list\n", "rest = []\n", NULL},
    {"the flag is yes\n", "flag = True\n", NULL},
    {"the flag is the a and not the b\n", "flag = a and not b\n", NULL},
    {"the flags are ((the a) and (the b))\n", "flags = a and b\n", NULL},
    {"the comment is nothing\n", "comment = None\n", NULL},
    {"the start is 2026-04-14\n", "start = date(2026, 4, 14)\n", NULL},
    {"the start is 14:30:15.5\n", "start = time(14, 30, 15.5)\n", NULL},
    {"set the invoice's status to \"paid\"\n", "invoice[\"status\"] = \"paid\"\n", NULL},
    {"the invoice's status is \"paid\"\n", "invoice[\"status\"] = \"paid\"\n",
     "set the invoice's status to \"paid\"\n"},
    {"set the row's \"JobID\" to 5\n", "row[\"JobID\"] = 5\n", NULL},
    {"set the fact \"x_1\" to 5\n", "x_1 = 5\n", "the fact \"x_1\" is 5\n"},
    {"set the result to 5\n", "result = 5\n", NULL},
    {"set the first name and the last name to the names\n", "first_name, last_name = names\n", NULL},
    {"set the entry at 0 of the names to \"x\"\n", "names[0] = \"x\"\n", NULL},
    {"increase the count by 1\n", "count = count + 1\n", NULL},
    {"decrease the invoice's total by 15% of the invoice's total\n",
     "invoice[\"total\"] = invoice[\"total\"] - percent_of(15, invoice[\"total\"])\n", NULL},
    {"append the invoice to the rejected invoices\n", "rejected_invoices.append(invoice)\n", NULL},
    {"append the total rounded to 2 decimals to the totals\n", "totals.append(round(total, 2))\n", NULL},
    {"append a record with 5 as the total to the rows\n", "rows.append({\"total\": 5})\n", NULL},
    {"remove \"x\" from the regions\n", "regions.remove(\"x\")\n", NULL},
    {"put \"x\" at the front of the regions\n", "regions.insert_first(\"x\")\n", NULL},
    {"do delete field with the invoice and \"total\"\n", "invoice.delete_field(\"total\")\n", NULL},
    {"find the invoice's due date as the due date\n", "due_date = find(invoice, \"due date\")\n", NULL},
    {"get the invoices from the invoice file\n", "invoices = files.read_table(file=invoice_file)\n", NULL},
    {"read the invoices from the invoice file\n", "invoices = files.read_table(file=invoice_file)\n",
     "get the invoices from the invoice file\n"},
    {"get the invoices from the invoice file using the \"erp\" connection\n",
     "invoices = kognitos.erp.files.read_table(file=invoice_file)\n", NULL},
    {"get the invoices from the invoice file\n  the header row is 2\n  the sheet is \"May\"\n",
     "invoices = files.read_table(file=invoice_file, sheet=\"May\", header_row=2)\n",
     "get the invoices from the invoice file\n  the sheet is \"May\"\n  the header row is 2\n"},
    {"send an email to the approver\n  the body is \"Hello {the approver's name}\"\n  the subject is \"Invoices\"\n",
     "email.send(to=approver, subject=\"Invoices\", body=f\"Hello {approver['name']}\")\n",
     "send an email to the approver\n  the subject is \"Invoices\"\n  the body is \"Hello {the approver's name}\"\n"},
    {"the rows are the result of \"files.read_table\" with the invoice file as the file\n",
     "rows = files.read_table(file=invoice_file)\n", "get the rows from the invoice file\n"},
    {"do \"erp.http.request\" with \"https://example.com\" as the url\n",
     "kognitos.erp.http.request(url=\"https://example.com\")\n", NULL},
    {"mail a letter to \"a\" with the subject \"x\" and the body \"y\"\n",
     "mail.post(to=\"a\", subject=\"x\", body=\"y\")\n", NULL},
    {"mail a letter with the body \"y\" and the subject \"x\" to \"a\"\n",
     "mail.post(to=\"a\", subject=\"x\", body=\"y\")\n",
     "mail a letter to \"a\" with the subject \"x\" and the body \"y\"\n"},
    {"mail a letter to \"a\" with the body \"y\" and the subject \"x\"\n",
     "mail.post(to=\"a\", subject=\"x\", body=\"y\")\n",
     "mail a letter to \"a\" with the subject \"x\" and the body \"y\"\n"},
    {"mail a letter with the subject \"x\" to \"a\" with the body \"y\"\n",
     "mail.post(to=\"a\", subject=\"x\", body=\"y\")\n",
     "mail a letter to \"a\" with the subject \"x\" and the body \"y\"\n"},
    {"mail a letter with the subject the a and not the b and the body \"y\" to \"a\"\n",
     "mail.post(to=\"a\", subject=a and not b, body=\"y\")\n",
     "mail a letter to \"a\" with the subject (the a and not the b) and the body \"y\"\n"},
    {"if the count is greater than 3 then\n  finish\n", "if count > 3:\n    finish()\n", NULL},
    {"if the count > 3\n  finish\notherwise if the count = 3:\n  stop the loop\notherwise\n  fail with \"no\"\n",
     "if count > 3:\n    finish()\nelif count == 3:\n    break\nelse:\n    fail(\"no\")\n",
     "if the count is greater than 3 then\n  finish\notherwise if the count is 3 then\n  stop the loop\notherwise\n  "
     "fail with \"no\"\n"},
    {"for each line in the invoice's lines\n  go to the next one\n", "for line in invoice[\"lines\"]:\n    continue\n",
     NULL},
    {"for each key and value in the entries of the record\n  say the key\n",
     "for key, value in record.items():\n    say(key)\n", NULL},
    {"for each claim in the claims, at the same time\n  output the claim as \"claim\"\n",
     "for claim in at_the_same_time(claims):\n    set_output(\"claim\", value=claim)\n", NULL},
    {"for each \"_\" in the result of range with 3\n  say \"x\"\n", "for _ in range(3):\n    say(\"x\")\n",
     "repeat 3 times\n  say \"x\"\n"},
    {"repeat 3 times\n  say \"Checked {the count} invoices\"\n",
     "for _ in range(3):\n    say(f\"Checked {count} invoices\")\n", NULL},
    {"repeat the count plus 1 times\n  say \"{{x}}\"\n", "for _ in range(count + 1):\n    say(\"{x}\")\n", NULL},
    {"repeat while the count is at most 3\n  increase the count by 1\n", "while count <= 3:\n    count = count + 1\n",
     NULL},
    {"while the count is at most 3\n  increase the count by 1\n", "while count <= 3:\n    count = count + 1\n",
     "repeat while the count is at most 3\n  increase the count by 1\n"},
    {"price an order with 3 as the quantity\n\nto price an order with the quantity and the rate (usually 0.19)\n  the "
     "result is the quantity times the rate\n",
     "price_an_order(quantity=3)\n\ndef price_an_order(quantity, rate=0.19):\n    return quantity * rate\n", NULL},
    {"to rest\n  end the procedure\n\nthe x is the result of rest\n", "def rest():\n    return\n\nx = rest()\n", NULL},
    {"to price\n  finish\n\nthe x is the result of \"price\"\ndo \"vanish\" with 5 as \"x_1\"\n",
     "def price():\n    finish()\n\nx = price()\nvanish(x_1=5)\n",
     "to price\n  finish\n\nthe x is the result of price\ndo \"vanish\" with 5 as \"x_1\"\n"},
    {"ensure the total is at least 0\n", "ensure(total >= 0)\n", NULL},
    {"ensure the total is at least 0, or else \"The total is {the total}\"\n",
     "ensure(total >= 0, f\"The total is {total}\")\n", NULL},
    {"validate the following\n  ensure the total is at least 0\n  ensure the name is given, or else \"no name\"\n",
     "validate(\n    ensure(total >= 0),\n    ensure(is_not_missing(name), \"no name\"),\n)\n",
     "validate the following\n  ensure the total is at least 0\n  ensure the name is not missing, or else \"no "
     "name\"\n"},
    {"ask \"Which cost centre?\" as the cost centre\n  the choices are \"a\", \"b\" and \"c\"\n  the answer is a "
     "number\n",
     "cost_centre = ask(\"Which cost centre?\", choices=[\"a\", \"b\", \"c\"], type=number)\n", NULL},
    {"ask \"Sure?\"\n  the answer is yes or no\n", "answer = ask(\"Sure?\", type=boolean)\n", NULL},
    {"ask \"Which?\" as the region\n  the choices are the regions\n", "region = ask(\"Which?\", choices=regions)\n",
     NULL},
    {"output the total as \"grand total\"\n", "set_output(\"grand total\", value=total)\n", NULL},
    {"output the total as \"total of {the month}\"\n", "set_output(f\"total of {month}\", value=total)\n", NULL},
    {"wait 3 days\n", "wait(days(3))\n", NULL},
    {"wait until the due date\n", "wait(until=due_date)\n", NULL},
    {"wait until 3 days after the due date\n", "wait(until=due_date + days(3))\n", NULL},
    {"use the \"erp\" connection of the \"http\" book\n\nthe x is 1\n", "connection(\"erp\", book=\"http\")\n\nx = 1\n",
     NULL},
    {"inputs\n  the input \"Requester Email\" is a text\n  the input \"PO\" as the order number is an optional text  # "
     "old orders\n  # how near is near enough\n  the tolerance is a number, usually 0.01\n\nthe x is 1\n",
     "requester_email = read_input(\"Requester Email\", type=text)\norder_number = read_input(\"PO\", "
     "type=optional(text))  # old orders\n# how near is near enough\ntolerance = read_input(\"tolerance\", "
     "type=number, default=0.01)\n\nx = 1\n",
     NULL},
    {"# first\n\n# second\nthe x is 1  # third\n\nif the x is 1 then\n  # inside\n  finish\n  # at the end of it\n# "
     "behind\n",
     "# first\n\n# second\nx = 1  # third\n\nif x == 1:\n    # inside\n    finish()\n    # at the end of it\n# "
     "behind\n",
     NULL},
    {"the x is the invoice's purchase order's number\n", "x = invoice[\"purchase order\"][\"number\"]\n", NULL},
    {"the x is the due date of the invoice\n", "x = invoice[\"due date\"]\n", "the x is the invoice's due date\n"},
    {"the x is the invoice's \"Due Date\"\n", "x = invoice[\"Due Date\"]\n", NULL},
    {"the x is the invoices' totals\n", "x = [invoice[\"total\"] for invoice in invoices]\n", NULL},
    {"the x is the payable invoices' customers' names\n",
     "x = [invoice[\"customer\"][\"name\"] for invoice in payable_invoices]\n", NULL},
    {"the x is the invoice's lines' amounts\n", "x = [line[\"amount\"] for line in invoice[\"lines\"]]\n", NULL},
    {"the x is the invoices' \"lines\"\n", "x = [invoice[\"lines\"] for invoice in invoices]\n", NULL},
    {"the x is the invoices whose total is greater than the limit and whose paid\n",
     "x = [invoice for invoice in invoices if invoice[\"total\"] > limit and invoice[\"paid\"]]\n", NULL},
    {"the x is the invoices whose due date is missing or whose total is greater than limit\n",
     "x = [\n    invoice for invoice in invoices\n    if is_missing(invoice[\"due date\"]) or invoice[\"total\"] > "
     "invoice[\"limit\"]\n]\n",
     NULL},
    {"the x is the invoices whose lines' amounts are empty\n",
     "x = [invoice for invoice in invoices if is_empty([line[\"amount\"] for line in invoice[\"lines\"]])]\n", NULL},
    {"the x is the first invoice whose (total plus tax) times 2 is 10\n",
     "x = first(invoice for invoice in invoices if (invoice[\"total\"] + invoice[\"tax\"]) * 2 == 10)\n", NULL},
    {"the x is the first purchase order\n", "x = first(purchase_orders)\n", NULL},
    {"the first purchase order is 5\nthe x is the first purchase order\n",
     "first_purchase_order = 5\nx = first_purchase_order\n", NULL},
    {"the x is the second invoice's total\n", "x = invoices[1][\"total\"]\n", NULL},
    {"the x is the third invoice whose total is 5\n",
     "x = [invoice for invoice in invoices if invoice[\"total\"] == 5][2]\n", NULL},
    {"the x is the last item of the invoice's lines\n", "x = last(invoice[\"lines\"])\n", NULL},
    {"the x is the first line of the invoice\n", "x = first(invoice[\"lines\"])\n",
     "the x is the first item of the invoice's lines\n"},
    {"the x is the fifth item of the invoice's lines\n", "x = invoice[\"lines\"][4]\n", NULL},
    {"the x is the entry at the position of the records\n", "x = records[position]\n", NULL},
    {"the x is the slice of the names from 1 to 5\n", "x = names[1:5]\n", NULL},
    {"the x is the slice of the names by -1\n", "x = names[::-1]\n", NULL},
    {"the x is the invoice's total for each invoice in the invoices where the invoice's total is greater than 5\n",
     "x = [invoice[\"total\"] for invoice in invoices if invoice[\"total\"] > 5]\n", NULL},
    {"the x is the sum of (the invoice's total for every invoice in the invoices)\n",
     "x = sum(invoice[\"total\"] for invoice in invoices)\n", NULL},
    {"the x is the set of the invoice's total for each invoice in the invoices\n",
     "x = {invoice[\"total\"] for invoice in invoices}\n", NULL},
    {"the x is a record with the invoice's total as (the invoice's number) for each invoice in the invoices\n",
     "x = {invoice[\"number\"]: invoice[\"total\"] for invoice in invoices}\n", NULL},
    {"the x is a record with \"Bob\" as the name and 5 as \"JobID\"\n", "x = {\"name\": \"Bob\", \"JobID\": 5}\n",
     NULL},
    {"the x is the set of 1, 2 and 3\n", "x = {1, 2, 3}\n", NULL},
    {"the x is the tuple of 1 and 2\n", "x = 1, 2\n", NULL},
    {"the x is the price times 1.19 plus 2 minus minus the y\n", "x = price * 1.19 + 2 - -y\n", NULL},
    {"the x is (the a plus the b) divided by 2\n", "x = (a + b) / 2\n", NULL},
    {"the x is 7 floor divided by 2 modulo 3 to the power of -2\n", "x = 7 // 2 % 3 ** -2\n", NULL},
    {"the x is 7 // 2 % 3 ** 2 - 1\n", "x = 7 // 2 % 3 ** 2 - 1\n",
     "the x is 7 floor divided by 2 modulo 3 to the power of 2 minus 1\n"},
    {"the x is (the price times 1.19) rounded to 2 decimals\n", "x = round(price * 1.19, 2)\n", NULL},
    {"the x is the price rounded to 1 decimal\n", "x = round(price, 1)\n", NULL},
    {"the x is the sum of the invoices' totals rounded half up to 2 decimals\n",
     "x = round_half_up(sum([invoice[\"total\"] for invoice in invoices]), 2)\n", NULL},
    {"the x is 15 percent of the total\n", "x = percent_of(15, total)\n", "the x is 15% of the total\n"},
    {"the x is (the rate)% of the total\n", "x = percent_of(rate, total)\n", NULL},
    {"the x is 5 if the a is 3 otherwise 6\n", "x = 5 if a == 3 else 6\n", NULL},
    {"the x is the a is less than the b is at most the c\n", "x = a < b <= c\n", NULL},
    {"the x is every price is at least 1\n", "x = all(price >= 1 for price in prices)\n", NULL},
    {"the x is no price is more than the limit times 2\n", "x = not any(price > limit * 2 for price in prices)\n",
     "the x is no price is greater than the limit times 2\n"},
    {"if any code starts with \"A\" or every parcel is not empty then\n  finish\n",
     "if any(code.startswith(\"A\") for code in codes) or all(is_not_empty(parcel) for parcel in parcels):\n"
     "    finish()\n",
     NULL},
    {"the x is any price is one of 1 or 2\n", "x = any(price in [1, 2] for price in prices)\n", NULL},
    {"if the count is no more than 5 and the rates are no less than 1 then\n  finish\n",
     "if count <= 5 and rates >= 1:\n    finish()\n",
     "if the count is at most 5 and the rates are at least 1 then\n  finish\n"},
    {"if the count is not more than 5 and the rates are not more than 1 then\n  finish\n",
     "if not count > 5 and not rates > 1:\n    finish()\n",
     "if the count is not greater than 5 and the rates are not greater than 1 then\n  finish\n"},
    {"the cheap ones are the orders whose price is no more than 5\n",
     "cheap_ones = [order for order in orders if order[\"price\"] <= 5]\n",
     "the cheap ones are the orders whose price is at most 5\n"},
    {"if (the a is 1 or the b is 2) and the c is 3 then\n  finish\n",
     "if (a == 1 or b == 2) and c == 3:\n    finish()\n", NULL},
    {"if the status is one of \"a\", \"b\" or \"c\" and the count is not one of 1 or 2 then\n  finish\n",
     "if status in [\"a\", \"b\", \"c\"] and count not in [1, 2]:\n    finish()\n", NULL},
    {"if the status is one of the regions or the name is not in the names then\n  finish\n",
     "if status in regions or name not in names:\n    finish()\n",
     "if the status is in the regions or the name is not in the names then\n  finish\n"},
    {"if the name does not contain \"x\" or the count is not between 1 and 5 then\n  finish\n",
     "if not contains(name, \"x\") or not between(count, 1, 5):\n    finish()\n", NULL},
    {"if the names do not contain \"x\" or the count is not greater than 5 then\n  finish\n",
     "if not contains(names, \"x\") or not count > 5:\n    finish()\n", NULL},
    {"if the due date is within 3 days of the start date then\n  finish\n",
     "if within(due_date, days(3), start_date):\n    finish()\n", NULL},
    {"if not (the x is 1) then\n  finish\n", "if not x == 1:\n    finish()\n", NULL},
    {"if the names are not empty and the comment is missing then\n  finish\n",
     "if is_not_empty(names) and is_missing(comment):\n    finish()\n", NULL},
    {"the x is the name in upper case joined with \", \"\n", "x = join(\", \", name.upper())\n", NULL},
    {"the x is the names sorted by \"length\" from the largest\n", "x = sort_down_by(names, \"length\")\n",
     "the x is the names sorted by length from the largest\n"},
    {"the x is the number of the names without duplicates\n", "x = len(unique(names))\n", NULL},
    {"the x is the number of days between the start date and the end date\n",
     "x = days_between(start_date, end_date)\n", NULL},
    {"the x is 1 month after the due date\n", "x = months_after(1, due_date)\n", NULL},
    {"the x is 3 weeks before 2026-04-14\n", "x = date(2026, 4, 14) - weeks(3)\n",
     "the x is 2026-04-14 minus 3 weeks\n"},
    {"the x is the first 3 letters of the name\n", "x = left(name, 3)\n", NULL},
    {"the x is the column \"total\" of the invoices\n", "x = column(invoices, \"total\")\n", NULL},
    {"the x is \"say \\\"hi\\\" \\\\ {{x}} \\n {\"a\"} {the y}\"\n", "x = f\"say \\\"hi\\\" \\\\ {{x}} \\n a {y}\"\n",
     "the x is \"say \\\"hi\\\" \\\\ {{x}} \\n a {the y}\"\n"},
    {"the x is “quoted” in lower case\n", "x = \"quoted\".lower()\n", "the x is \"quoted\" in lower case\n"},
    {"the x is the customer’s name\n", "x = customer[\"name\"]\n", "the x is the customer's name\n"},
    {"the x is the result of get with the record, \"a\" and 5\n", "x = record.get(\"a\", 5)\n", NULL},
    {"the x is the result of date with 2026, 4 and 14\n", "x = date(2026, 4, 14)\n", "the x is 2026-04-14\n"},
    {"output the result of \"price\" with the rate as \"rate\" as \"total\"\n",
     "set_output(\"total\", value=price(rate=rate))\n",
     "output the result of \"price\" with the rate as the rate as \"total\"\n"},
    {"the x is the contract start date\n", "x = contract_start_date\n", NULL},
    {"the x is the invoices sorted by due date from the largest\n", "x = sort_down_by(invoices, \"due date\")\n", NULL},
    {"the x is the invoices grouped by customer\n", "x = group_by(invoices, \"customer\")\n", NULL},
    {"the x is the invoices whose lines sorted by total are empty\n",
     "x = [invoice for invoice in invoices if is_empty(sort_by(invoice[\"lines\"], \"total\"))]\n",
     "the x is the invoices whose lines sorted by total is empty\n"},
};

static Diagnostics diagnostics_in(Arena *arena, Str source)
{
    return (Diagnostics){.arena = arena, .source = source, .spelling = SPELLING_ENGLISH};
}

static void assert_text(Str text, const char *expected, const char *about)
{
    if (!str_eq(text, str_from_c(expected)))
        fail_msg("of '%s':\n%.*s\nnot\n%s", about, STR_ARG(text), expected);
}

static void test_english__means_what_the_table_says(void **state)
{
    (void)state;
    Arena arena = {0};
    for (size_t i = 0; i < COUNT_OF(sentence_cases); i++) {
        const struct SentenceCase *row = &sentence_cases[i];
        Str source = str_from_c(row->english);
        Diagnostics all = diagnostics_in(&arena, source);
        Node *tree = english_read(&arena, source, tree_gen_catalog(), &all);
        if (all.count > 0)
            fail_msg("'%s': %.*s", row->english, STR_ARG(all.items[0].message));
        assert_null(ast_check(tree));
        assert_text(spy_print(&arena, tree, tree_gen_catalog()), row->spy, row->english);
        assert_text(english_print(&arena, tree, tree_gen_catalog()), row->printed ? row->printed : row->english,
                    row->english);
        arena_reset(&arena);
    }
    arena_done(&arena);
}

/* ---- every row of function.h ---- */

/* One alternative with names in its gaps: {0} is 3 where only a number may stand, else the fact x0, x1, … */
static Str example_of(Arena *arena, Str pattern, FunctionId function)
{
    Buf text = buf_in(arena);
    bool unit = function == FN_PERCENT_OF || (function >= FN_SECONDS && function <= FN_YEARS_BEFORE);
    for (size_t i = 0; i < pattern.len; i++) {
        if (pattern.data[i] != '{') {
            if (pattern.data[i] != '[' && pattern.data[i] != ']')
                buf_char(&text, pattern.data[i]);
            continue;
        }
        char gap = pattern.data[i + 1];
        if (gap == '0' && unit)
            buf_str(&text, S("3"));
        else
            buf_printf(&text, "the x%c", gap);
        while (pattern.data[i] != '}')
            i++;
    }
    return buf_view(&text);
}

static void test_english__reads_every_alternative_of_every_function(void **state)
{
    (void)state;
    Arena arena = {0};
    for (FunctionId id = 0; id < FN_N_FUNCTIONS; id++) {
        Str english = str_from_c(functions[id].english);
        while (english.data && english.len > 0) {
            Str text = example_of(&arena, str_cut(&english, '|'), id);
            Diagnostics all = diagnostics_in(&arena, text);
            bool action = functions[id].style == STYLE_ACTION;
            const Node *node = action ? english_read_block(&arena, text, NULL, &all)->kids[0]->kids[0]
                                      : english_read_expression(&arena, text, NULL, &all);
            if (all.count > 0)
                fail_msg("'%.*s': %.*s", STR_ARG(text), STR_ARG(all.items[0].message));
            if (node->kind != NODE_CALL || node->function != id)
                fail_msg("'%.*s' is no %s", STR_ARG(text), functions[id].spy);
        }
    }
    arena_done(&arena);
}

static void test_english__has_a_sentence_for_every_function_with_any_number_of_arguments(void **state)
{
    (void)state;
    Arena arena = {0};
    for (FunctionId id = 0; id < FN_N_FUNCTIONS; id++) {
        for (unsigned n = 0; n <= functions[id].max; n++) {
            if (!function_takes(id, n))
                continue;
            Node *call = node_new(&arena, NODE_CALL), *statement = node_new(&arena, NODE_EXPRESSION);
            call->function = (uint16_t)id;
            for (unsigned i = 0; i < n; i++) {
                Node *name = node_new(&arena, NODE_NAME);
                name->name = str_printf(&arena, "x%u", i);
                node_add(&arena, call, name);
            }
            node_add(&arena, statement, call);
            bool action = functions[id].style == STYLE_ACTION;
            Str text = english_print_node(&arena, action ? statement : call, NULL);
            Diagnostics all = diagnostics_in(&arena, text);
            const Node *read = action ? english_read_block(&arena, text, NULL, &all)->kids[0]
                                      : english_read_expression(&arena, text, NULL, &all);
            if (all.count > 0 || !ast_equal(read, action ? statement : call))
                fail_msg("%s of %u values does not read back: '%.*s'", functions[id].spy, n, STR_ARG(text));
        }
    }
    arena_done(&arena);
}

/* ---- nonsense ---- */

static Str read_source_file(Arena *arena, const char *name)
{
    const char *root = getenv("CLERKWORK_SOURCE_ROOT");
    const char *path = str_to_c(arena, str_printf(arena, "%s/%s", root ? root : ".", name));
    FILE *file = fopen(path, "r");
    if (!file)
        fail_msg("cannot open %s", path);
    Buf text = buf_in(arena);
    for (int c = getc(file); c != EOF; c = getc(file))
        buf_char(&text, (char)c);
    fclose(file);
    return buf_view(&text);
}

static void test_english__says_what_is_wrong_with_nonsense(void **state)
{
    (void)state;
    Arena arena = {0};
    Str source = read_source_file(&arena, "tests/lang/nonsense.english"),
        golden = read_source_file(&arena, "tests/lang/nonsense.golden");
    Diagnostics all = diagnostics_in(&arena, source);
    english_read(&arena, source, tree_gen_catalog(), &all);
    Buf out = buf_in(&arena);
    diagnostics_print(&out, &all, S("nonsense.english"));
    Str said = buf_view(&out);
    if (getenv("CLERKWORK_UPDATE")) { /* to be read aloud then */
        Str path = str_printf(&arena, "%s/tests/lang/nonsense.golden", getenv("CLERKWORK_SOURCE_ROOT"));
        FILE *file = fopen(str_to_c(&arena, path), "wb");
        assert_non_null(file);
        assert_int_equal(fwrite(said.data, 1, said.len, file), said.len);
        assert_int_equal(fclose(file), 0);
        golden = said;
    }
    while (said.len > 0 || golden.len > 0) {
        Str is = str_cut(&said, '\n'), expected = str_cut(&golden, '\n');
        if (!str_eq(is, expected))
            fail_msg("said '%.*s', expected '%.*s'", STR_ARG(is), STR_ARG(expected));
    }
    arena_done(&arena);
}

static void test_english__numbers_the_readings_of_what_is_ambiguous(void **state)
{
    (void)state;
    static const struct {
        const char *english, *one, *other;
    } rows[] = {
        {"the x is 1 or the y is 2 and the z is 3", "the x is 1 or (the y is 2 and the z is 3)",
         "(the x is 1 or the y is 2) and the z is 3"},
        {"the a plus the b rounded to 2 decimals", "(the a plus the b) rounded to 2 decimals",
         "the a plus (the b rounded to 2 decimals)"},
        {"the invoice whose total is 5", "the first invoice whose …", "the invoices whose …"},
    };
    Arena arena = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Str source = str_from_c(rows[i].english);
        Diagnostics all = diagnostics_in(&arena, source);
        english_read_expression(&arena, source, NULL, &all);
        assert_int_equal(all.count, 1);
        assert_string_equal(all.items[0].code, "ambiguous");
        assert_int_equal(all.items[0].n_choices, 2);
        assert_text(all.items[0].choices[0], rows[i].one, rows[i].english);
        assert_text(all.items[0].choices[1], rows[i].other, rows[i].english);
    }
    arena_done(&arena);
}

/* Two procedures whose sentences another order makes alike: whose own order it is, is meant; else the writer must say.
 */
static void test_english__asks_which_procedure_another_order_means(void **state)
{
    (void)state;
    static const Parameter parameters[] = {{S_INIT("place"), &type_text, true, S_INIT(""), S_INIT("")},
                                           {S_INIT("depot"), &type_text, true, S_INIT(""), S_INIT("")},
                                           {S_INIT("carrier"), &type_text, true, S_INIT(""), S_INIT("")}};
    static const Procedure ship = {.book = S_INIT("road"),
                                   .name = S_INIT("ship"),
                                   .english = S_INIT("ship it to {place} from {depot} by {carrier}"),
                                   .parameters = parameters,
                                   .n_parameters = COUNT_OF(parameters)};
    static const Procedure sail = {.book = S_INIT("sea"),
                                   .name = S_INIT("ship"),
                                   .english = S_INIT("ship it by {carrier} from {depot} to {place}"),
                                   .parameters = parameters,
                                   .n_parameters = COUNT_OF(parameters)};
    static const Procedure *const both[] = {&ship, &sail};
    static const Catalog catalog = {both, COUNT_OF(both)};
    static const struct {
        const char *english, *book;
    } rows[] = {
        {"ship it to \"a\" from \"b\" by \"c\"", "road"},
        {"ship it by \"c\" from \"b\" to \"a\"", "sea"},
        {"ship it from \"b\" to \"a\" by \"c\"", NULL},
    };
    Arena arena = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Str source = str_from_c(rows[i].english);
        Diagnostics all = diagnostics_in(&arena, source);
        const Node *block = english_read_block(&arena, source, &catalog, &all);
        if (rows[i].book) {
            assert_int_equal(all.count, 0);
            assert_text(block->kids[0]->kids[0]->text, rows[i].book, rows[i].english);
            continue;
        }
        assert_int_equal(all.count, 1);
        assert_string_equal(all.items[0].code, "ambiguous");
        assert_int_equal(all.items[0].n_choices, 2);
    }
    arena_done(&arena);
}

/* ---- bounds ---- */

static Str repeated(Arena *arena, const char *before, const char *part, size_t bytes, const char *after)
{
    Buf text = buf_in(arena);
    buf_str(&text, str_from_c(before));
    while (text.len < bytes)
        buf_str(&text, str_from_c(part));
    buf_str(&text, str_from_c(after));
    return buf_view(&text);
}

static void test_english__survives_a_megabyte_of_anything(void **state)
{
    (void)state;
    static const char *const texts[][3] = {
        {"the x is ", "(", ""},
        {"the x is ", "1 plus ", "1"},
        {"the xs are ", "1, ", "1"},
        {"the ", "word ", "is 1"},
        {"the x is ", "the b of ", "the c"},
        {"the x is the b", "'s c", ""},
        {"the x is the bs", "' cs", ""},
        {"if ", "the x is 1 and ", "the x is 1 then\n  finish"},
        {"if ", "the x is 1 and the y is 2 or ", "the x is 1 then\n  finish"},
        {"", "if the x is 1 and the y is 2 or the z is 3 then\n  finish\n", ""},
        {"the x is ", "the sum of ", ""},
        {"ensure ", "not ", "the x"},
        {"the x is ", "minus ", "1"},
        {"the x is the bs ", "whose c is 1 and ", ""},
        {"the x is the bs whose c is the bs ", "whose c is the bs ", ""},
        {"say \"", "{the x} ", "\""},
        {"say \"", "{\"", ""},
        {"", "\"", ""},
        {"", "foo bar\n", ""},
        {"", "# remark\n", ""},
        {"the x is ", "1 for each b in ", ""},
        {"the x is ", "1 if 2 otherwise ", "3"},
        {"the x is 1", " rounded", ""},
        {"do \"x\" with ", "1 as the x1 and ", ""},
        {"the x is ", "3 days after ", ""},
        {"", "to do it\n  finish\n", ""},
        {"the x is ", "the result of range with ", ""},
        {"the x is ", "a record with ", ""},
        {"", "the x is 1 # why\n\n", ""},
        {"the x is ", "\xff", ""},
    };
    Arena arena = {0};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        Str source = repeated(&arena, texts[i][0], texts[i][1], 1 << 20, texts[i][2]);
        Diagnostics all = diagnostics_in(&arena, source);
        Node *tree = english_read(&arena, source, tree_gen_catalog(), &all);
        assert_true(all.n_errors > 0 || ast_check(tree) == NULL);
        arena_reset(&arena);
    }
    arena_done(&arena);
}

/* A value around a value, as often as a tree may be deep. */
static Node *wrap(Arena *arena, NodeKind kind, Node *inner)
{
    Node *node = node_new(arena, kind), *five = node_new(arena, NODE_LITERAL);
    five->value = value_int(5);
    node->function = FN_ABS;
    if (kind == NODE_FIELD)
        node->text = S("part");
    if (kind == NODE_CHOOSE) {
        node_add(arena, node, five);
        node_add(arena, node, five);
    }
    node_add(arena, node, inner);
    if (kind == NODE_ARITHMETIC || kind == NODE_COMPARE || kind == NODE_INDEX || kind == NODE_TUPLE)
        node_add(arena, node, five);
    return node;
}

static void test_english__prints_and_reads_trees_as_deep_as_they_may_be(void **state)
{
    (void)state;
    static const NodeKind kinds[] = {NODE_FIELD, NODE_INDEX, NODE_NEGATE, NODE_ARITHMETIC, NODE_COMPARE,
                                     NODE_NOT,   NODE_CALL,  NODE_CHOOSE, NODE_LIST,       NODE_TUPLE};
    Arena arena = {0};
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        Node *program = node_new(&arena, NODE_PROGRAM), *say = node_new(&arena, NODE_SAY);
        Node *value = node_new(&arena, NODE_NAME);
        value->name = S("if");
        for (int depth = 1; depth < AST_EXPRESSION_MAX; depth++)
            value = wrap(&arena, kinds[i], value);
        node_add(&arena, say, value);
        node_add(&arena, program, say);
        assert_null(ast_check(program));
        Str text = english_print(&arena, program, NULL);
        Diagnostics all = diagnostics_in(&arena, text);
        Node *read = english_read(&arena, text, NULL, &all);
        if (all.count > 0)
            fail_msg("%s: %.*s", node_kind_name(kinds[i]), STR_ARG(all.items[0].message));
        assert_true(ast_equal(program, read));
        arena_reset(&arena);
    }
    arena_done(&arena);
}

/* ---- parts ---- */

static void test_english__reads_one_expression_and_no_more(void **state)
{
    (void)state;
    Arena arena = {0};
    Str good = S("the order's number"), bad = S("5\n6"), none = S("  ");
    Diagnostics all = diagnostics_in(&arena, good);
    assert_int_equal(english_read_expression(&arena, good, NULL, &all)->kind, NODE_FIELD);
    assert_int_equal(all.count, 0);
    all = diagnostics_in(&arena, bad);
    english_read_expression(&arena, bad, NULL, &all);
    assert_int_equal(all.n_errors, 1);
    all = diagnostics_in(&arena, none);
    english_read_expression(&arena, none, NULL, &all);
    assert_int_equal(all.n_errors, 1);
    arena_done(&arena);
}

static void test_english__reads_a_block_however_it_is_indented(void **state)
{
    (void)state;
    Arena arena = {0};
    Str text = S("    set the invoice's decision to \"review\"\n    if the x is 1\n          finish\n");
    Diagnostics all = diagnostics_in(&arena, text);
    Node *block = english_read_block(&arena, text, NULL, &all);
    assert_int_equal(all.count, 0);
    assert_int_equal(block->kind, NODE_BLOCK);
    assert_int_equal(block->n_kids, 2);
    assert_text(english_print_node(&arena, block, NULL),
                "set the invoice's decision to \"review\"\nif the x is 1 then\n  finish", "the block");
    arena_done(&arena);
}

static void test_english__prints_a_node_without_touching_it(void **state)
{
    (void)state;
    Arena arena = {0};
    Str text = S("the total is the price plus 1\n");
    Diagnostics all = diagnostics_in(&arena, text);
    Node *program = english_read(&arena, text, NULL, &all);
    const Node *value = program->kids[0]->kids[1];
    Span before = value->english;
    assert_text(english_print_node(&arena, value, NULL), "the price plus 1", "the value");
    assert_int_equal(value->english.start, before.start);
    assert_int_equal(value->english.end, before.end);
    assert_text(str_slice(text, before.start, before.end), "the price plus 1", "the span");
    arena_done(&arena);
}

static void test_english__folds_capitals_and_forgives_points_and_articles(void **state)
{
    (void)state;
    Arena arena = {0};
    Str text = S("Set The Invoice's PO Number To 5.\nFor Each Line In The Lines:\n\tFinish.\n");
    Diagnostics all = diagnostics_in(&arena, text);
    Node *program = english_read(&arena, text, NULL, &all);
    assert_int_equal(all.count, 0);
    assert_text(english_print(&arena, program, NULL),
                "set the invoice's po number to 5\nfor each line in the lines\n  finish\n", "capitals");
    arena_done(&arena);
}

/* A procedure whose sentence is its result stands wherever a value may. */
static void test_english__says_a_procedure_for_its_result(void **state)
{
    (void)state;
    static const Procedure today = {.book = S_INIT("dates"),
                                    .name = S_INIT("today"),
                                    .english = S_INIT("today|note the current date as {result}"),
                                    .result = &type_date};
    static const Procedure *const all_of_them[] = {&today};
    static const Catalog catalog = {all_of_them, 1};
    Arena arena = {0};
    Str text = S("the deadline is 3 days after today\nnote the current date as the start\n");
    Diagnostics all = diagnostics_in(&arena, text);
    Node *program = english_read(&arena, text, &catalog, &all);
    assert_int_equal(all.count, 0);
    assert_text(english_print(&arena, program, &catalog), "the deadline is 3 days after today\nthe start is today\n",
                "today");
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_english__means_what_the_table_says),
        cmocka_unit_test(test_english__reads_every_alternative_of_every_function),
        cmocka_unit_test(test_english__has_a_sentence_for_every_function_with_any_number_of_arguments),
        cmocka_unit_test(test_english__says_what_is_wrong_with_nonsense),
        cmocka_unit_test(test_english__numbers_the_readings_of_what_is_ambiguous),
        cmocka_unit_test(test_english__asks_which_procedure_another_order_means),
        cmocka_unit_test(test_english__survives_a_megabyte_of_anything),
        cmocka_unit_test(test_english__prints_and_reads_trees_as_deep_as_they_may_be),
        cmocka_unit_test(test_english__reads_one_expression_and_no_more),
        cmocka_unit_test(test_english__reads_a_block_however_it_is_indented),
        cmocka_unit_test(test_english__prints_a_node_without_touching_it),
        cmocka_unit_test(test_english__says_a_procedure_for_its_result),
        cmocka_unit_test(test_english__folds_capitals_and_forgives_points_and_articles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
