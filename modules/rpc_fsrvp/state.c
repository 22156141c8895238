// SPDX-License-Identifier: Apache-2.0
/*
 * state.c: where the one sequence of calls stands that makes shadow copies: it is the server's, not a
 * client's or a pipe's, and ends by itself when its client is silent for too long. On worker 0.
 * [MS-FSRVP] 3.1.1, 3.1.2, 3.1.4
 */
#include "fsrvp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Contexts [MS-FSRVP] 2.2.2.2, and the bit that asks for no recovery. */
#define CONTEXT_BACKUP       0x00u
#define CONTEXT_FILE_SHARE   0x10u
#define CONTEXT_NAS_ROLLBACK 0x19u
#define CONTEXT_APP_ROLLBACK 0x09u
#define ATTR_AUTO_RECOVERY   0x00400000u
#define ATTR_NO_RECOVERY     0x00000002u

struct state {
	bool context; /* SetContext was called */
	bool started; /* there is a set */
	struct smb3_guid set;
	struct smb3_timer patience;
};

static void forget(struct state *s)
{
	smb3_timer_stop(&s->patience);
	s->context = s->started = false;
}

static void on_silence(struct smb3_timer *t)
{
	forget(SMB3_CONTAINER(t, struct state, patience));
}

static uint32_t set_context(struct state *s, uint32_t context)
{
	uint32_t kind = context & ~(ATTR_AUTO_RECOVERY | ATTR_NO_RECOVERY);

	if (s->started)
		return FSRVP_IN_PROGRESS;
	if (kind != CONTEXT_BACKUP && kind != CONTEXT_FILE_SHARE && kind != CONTEXT_NAS_ROLLBACK &&
	    kind != CONTEXT_APP_ROLLBACK)
		return FSRVP_BAD_CONTEXT;
	s->context = true;
	return FSRVP_OK;
}

static uint32_t start(struct state *s)
{
	if (s->started)
		return FSRVP_IN_PROGRESS;
	if (!s->context)
		return FSRVP_BAD_STATE;
	smb3_random(s->set.bytes, sizeof(s->set.bytes));
	s->started = true;
	return FSRVP_OK;
}

/* No share can be in a set, since nothing here exposes a shadow copy as a share. */
static uint32_t add(struct smb3_rpc_asking *asking)
{
	const char *name = smb3_get_text(&asking->in, asking->arena);
	struct smb3_share *share = name ? smb3_share_find(asking->server, name) : NULL;
	uint32_t status = share && !share->pipe ? FSRVP_NOT_SUPPORTED : FSRVP_OBJECT_NOT_FOUND;

	smb3_share_unref(share);
	return status;
}

static uint32_t of_set(struct state *s, struct smb3_rpc_asking *asking, enum fsrvp_step step)
{
	struct smb3_guid set = smb3_get_guid(&asking->in);

	if (!s->started || memcmp(set.bytes, s->set.bytes, sizeof(set.bytes)) != 0)
		return E_INVALID_ARGUMENT;
	if (step == STEP_ADD)
		return add(asking);
	/* What comes after adding finds an empty set. */
	if (step == STEP_NEXT)
		return FSRVP_BAD_STATE;
	forget(s);
	return FSRVP_OK;
}

static int answer(struct smb3_rpc_asking *asking)
{
	const struct smb3_mod *mod = smb3_module_of(asking->server, &fsrvp_ask_step);
	const struct fsrvp_conf *conf = mod->conf;
	struct state *s = mod->data;
	uint32_t step = smb3_get_u32(&asking->in), status;

	switch (step) {
	case STEP_CONTEXT:
		status = set_context(s, smb3_get_u32(&asking->in));
		break;
	case STEP_START:
		status = start(s);
		break;
	case STEP_ADD:
	case STEP_NEXT:
	case STEP_ABORT:
		status = of_set(s, asking, step);
		break;
	default:
		return -EINVAL;
	}
	if (!smb3_cursor_ok(&asking->in))
		return -EINVAL;
	if (s->context)
		smb3_timer_start(&s->patience, asking->worker, on_silence, conf->sequence_time);
	smb3_put_u32(&asking->out, status);
	if (step == STEP_START && !status)
		smb3_put_guid(&asking->out, &s->set);
	return 0;
}

/* Administrators stand for the members of Backup Operators, too. */
const struct smb3_rpc_question fsrvp_ask_step = { .name = "shadow copies",
						  .flags = SMB3_ASK_ADMIN,
						  .answer = answer };

int fsrvp_init(struct smb3_mod *mod)
{
	mod->data = smb3_alloc(sizeof(struct state));
	return 0;
}

void fsrvp_stop(struct smb3_mod *mod)
{
	forget(mod->data);
}

void fsrvp_fini(struct smb3_mod *mod)
{
	free(mod->data);
}
