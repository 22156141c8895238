// SPDX-License-Identifier: Apache-2.0
/*
 * list.h: intrusive doubly linked list. A list head and a free node point to themselves.
 */
#ifndef SMB3_LIST_H
#define SMB3_LIST_H

#include <smb3/base.h>

struct smb3_list {
	struct smb3_list *next, *prev;
};

static inline void smb3_list_init(struct smb3_list *l)
{
	l->next = l->prev = l;
}

static inline bool smb3_list_empty(const struct smb3_list *l)
{
	return l->next == l;
}

/* Adds node at the end of head's list. */
static inline void smb3_list_add(struct smb3_list *head, struct smb3_list *node)
{
	node->prev = head->prev;
	node->next = head;
	head->prev->next = node;
	head->prev = node;
}

/* Safe on a node that is on no list (but was initialised). */
static inline void smb3_list_remove(struct smb3_list *node)
{
	node->prev->next = node->next;
	node->next->prev = node->prev;
	smb3_list_init(node);
}

/* The current node may be removed inside the loop; its neighbours may not. */
#define SMB3_LIST_EACH(head, node)                                                             \
	for (struct smb3_list *node = (head)->next, *node##_next = node->next; node != (head); \
	     node = node##_next, node##_next = node->next)

#endif
