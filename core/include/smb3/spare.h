// SPDX-License-Identifier: Apache-2.0
/*
 * spare.h: things of one kind, each used by one thread at a time and kept for the next, such as contexts
 * of a cipher with one key. From any thread; nobody waits.
 */
#ifndef SMB3_SPARE_H
#define SMB3_SPARE_H

#include <stdatomic.h>
#include <stddef.h>

#define SMB3_SPARES 8 /* more are used at once when they must, but not kept */

/* Zeroed: none. */
struct smb3_spares {
	_Atomic(void *) kept[SMB3_SPARES];
};

/* One that is kept, or NULL: the caller makes one. */
static inline void *smb3_spare_take(struct smb3_spares *s)
{
	void *thing = NULL;

	for (size_t i = 0; i < SMB3_SPARES && !thing; i++)
		if (atomic_load_explicit(&s->kept[i], memory_order_relaxed))
			thing = atomic_exchange_explicit(&s->kept[i], NULL, memory_order_acquire);
	return thing;
}

/* What could not be kept is returned, to be freed; NULL: it is kept. */
static inline void *smb3_spare_keep(struct smb3_spares *s, void *thing)
{
	void *none = NULL;

	for (size_t i = 0; i < SMB3_SPARES; i++, none = NULL)
		if (atomic_compare_exchange_strong_explicit(
			    &s->kept[i], &none, thing, memory_order_release, memory_order_relaxed))
			return NULL;
	return thing;
}

#endif
