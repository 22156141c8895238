// SPDX-License-Identifier: Apache-2.0
/*
 * ranges.c: see ranges.h.
 */
#include "ranges.h"

#include <smb3/hash.h>

/* Of a range without bytes: the byte before it. */
static uint64_t last_of(uint64_t offset, uint64_t length)
{
	return offset + length - 1;
}

static bool nowhere(uint64_t offset, uint64_t length)
{
	return !offset && !length;
}

static void update(struct range *r)
{
	r->last_below = nowhere(r->offset, r->length) ? 0 : last_of(r->offset, r->length);
	if (r->left && r->left->last_below > r->last_below)
		r->last_below = r->left->last_below;
	if (r->right && r->right->last_below > r->last_below)
		r->last_below = r->right->last_below;
}

static int compare(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

/* Without the serial: whether they look the same to their owner. */
static int order_of_alike(const struct range *a, const struct range *b)
{
	int order = compare(a->offset, b->offset);

	if (!order)
		order = compare(a->length, b->length);
	return order ? order : compare((uintptr_t)a->owner, (uintptr_t)b->owner);
}

static bool before(const struct range *a, const struct range *b)
{
	int order = order_of_alike(a, b);

	return order ? order < 0 : a->serial < b->serial;
}

/* What is before `at` goes to the left, the rest to the right. */
static void split(struct range *root, const struct range *at, struct range **ret_left,
		  struct range **ret_right)
{
	if (!root) {
		*ret_left = *ret_right = NULL;
		return;
	}
	if (before(root, at)) {
		split(root->right, at, &root->right, ret_right);
		*ret_left = root;
	} else {
		split(root->left, at, ret_left, &root->left);
		*ret_right = root;
	}
	update(root);
}

/* Everything in `left` is before everything in `right`. */
static struct range *merge(struct range *left, struct range *right)
{
	if (!left || !right)
		return left ? left : right;
	if (left->priority > right->priority) {
		left->right = merge(left->right, right);
		update(left);
		return left;
	}
	right->left = merge(left, right->left);
	update(right);
	return right;
}

static struct range *insert(struct range *root, struct range *r)
{
	if (!root || r->priority > root->priority) {
		split(root, r, &r->left, &r->right);
		update(r);
		return r;
	}
	if (before(r, root))
		root->left = insert(root->left, r);
	else
		root->right = insert(root->right, r);
	update(root);
	return root;
}

static struct range *drop(struct range *root, const struct range *r)
{
	if (root == r)
		return merge(root->left, root->right);
	if (before(r, root))
		root->left = drop(root->left, r);
	else
		root->right = drop(root->right, r);
	update(root);
	return root;
}

void ranges_add(struct ranges *set, struct range *r)
{
	r->serial = ++set->serial;
	/* The hash has a secret, so nobody can ask for ranges that make the tree a list. */
	r->priority = smb3_hash_bytes(&r->serial, sizeof(r->serial));
	set->root = insert(set->root, r);
	set->count++;
}

void ranges_remove(struct ranges *set, struct range *r)
{
	set->root = drop(set->root, r);
	set->count--;
}

struct range *ranges_find(const struct ranges *set, const struct range *like)
{
	struct range *r = set->root;

	while (r) {
		int order = order_of_alike(like, r);

		if (!order)
			return r;
		r = order < 0 ? r->left : r->right;
	}
	return NULL;
}

struct query {
	uint64_t first, last;
	const struct smb3_open *except;
};

static bool hits(const struct range *r, const struct query *q)
{
	if (nowhere(r->offset, r->length) || (q->except && r->owner == q->except))
		return false;
	return q->first <= last_of(r->offset, r->length) && q->last >= r->offset;
}

static struct range *search(struct range *r, const struct query *q)
{
	struct range *found;

	if (!r || r->last_below < q->first)
		return NULL;
	found = search(r->left, q);
	if (found || r->offset > q->last)
		return found;
	return hits(r, q) ? r : search(r->right, q);
}

struct range *ranges_overlap(const struct ranges *set, uint64_t offset, uint64_t length,
			     const struct smb3_open *except)
{
	struct query q = { offset, last_of(offset, length), except };

	return nowhere(offset, length) ? NULL : search(set->root, &q);
}
