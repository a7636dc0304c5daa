# A device whose clock is too far off cannot trust any certificate (L3).
package abm.clock

import rego.v1

deny contains {"msg": msg, "fix": "Set the clock: let the segment offer a time server, then erase the device."} if {
	offset := input.device.clock_offset_s
	abs(offset) > data.settings.clock_offset_s_max
	msg := sprintf("the clock is %v s off, the limit is %v s", [offset, data.settings.clock_offset_s_max])
}

unknown contains "device.clock_offset_s is not known" if not is_number(object.get(input.device, "clock_offset_s", null))
