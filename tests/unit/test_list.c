// SPDX-License-Identifier: Apache-2.0
/*
 * test_list.c: the intrusive list.
 */
#include <criterion/criterion.h>
#include <smb3/list.h>

struct item {
	int number;
	struct smb3_list link;
};

static int number_of(struct smb3_list *node)
{
	return SMB3_CONTAINER(node, struct item, link)->number;
}

/* The list as a decimal number: 1, 2, 3 gives 123. */
static int digits(struct smb3_list *head)
{
	int n = 0;

	SMB3_LIST_EACH(head, node)
		n = n * 10 + number_of(node);
	return n;
}

static void fill(struct smb3_list *head, struct item *items, int count)
{
	smb3_list_init(head);
	for (int i = 0; i < count; i++) {
		items[i].number = i + 1;
		smb3_list_add(head, &items[i].link);
	}
}

Test(list, new_list_is_empty)
{
	struct smb3_list head;

	smb3_list_init(&head);
	cr_assert(smb3_list_empty(&head));
	cr_assert_eq(digits(&head), 0);
}

Test(list, add_puts_at_the_end)
{
	struct smb3_list head;
	struct item items[3];

	fill(&head, items, 3);
	cr_assert_not(smb3_list_empty(&head));
	cr_assert_eq(digits(&head), 123);
	cr_assert_eq(number_of(head.prev), 3);
}

Test(list, remove_takes_out_anywhere)
{
	static const struct {
		int which, left;
	} cases[] = { { 0, 234 }, { 1, 134 }, { 3, 123 } };

	for (size_t i = 0; i < SMB3_ARRAY_SIZE(cases); i++) {
		struct smb3_list head;
		struct item items[4];

		fill(&head, items, 4);
		smb3_list_remove(&items[cases[i].which].link);
		cr_expect_eq(digits(&head), cases[i].left);
		cr_expect(smb3_list_empty(&items[cases[i].which].link));
	}
}

Test(list, remove_twice_does_no_harm)
{
	struct smb3_list head;
	struct item items[2];

	fill(&head, items, 2);
	smb3_list_remove(&items[0].link);
	smb3_list_remove(&items[0].link);
	cr_assert_eq(digits(&head), 2);
	smb3_list_add(&head, &items[0].link);
	cr_assert_eq(digits(&head), 21);
}

Test(list, each_lets_the_current_one_go)
{
	struct smb3_list head;
	struct item items[5];

	fill(&head, items, 5);
	SMB3_LIST_EACH(&head, node)
		if (number_of(node) % 2)
			smb3_list_remove(node);
	cr_assert_eq(digits(&head), 24);
	SMB3_LIST_EACH(&head, node)
		smb3_list_remove(node);
	cr_assert(smb3_list_empty(&head));
}
