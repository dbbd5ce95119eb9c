// SPDX-License-Identifier: Apache-2.0
#define FLOW_MAP_TYPE BPF_MAP_TYPE_HASH
#define FLOW_MAP_ENTRIES 65536
#include "flow_counter.h"
