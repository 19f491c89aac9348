; A guest of 512 bytes that shows whether a migration kept its RAM.
;
; It walks through RAM page by page, for ever. Each page begins with a dword that names the page and
; the pass: the page's address, with the pass number in the 12 bits that are free in it. On each
; visit the walker finds what the pass before left there, or says so: a page that was lost, is stale,
; or came to lie at another address is a mismatch. So is a second instance that runs on the same
; RAM. Stopped at any moment, the pages before the walker hold one pass, and those from it on the
; pass before (test/support/guests.ts checks a dump for that).
;
; The timer paces it: each tick is one step, and a step is 1 MiB. After each step the serial port gets
; the step's number, eight hex digits and a newline. The numbers go on without gap or repetition, so
; all that source and target print is one sequence: a number printed twice is a guest that ran twice.
; A mismatch ends the walk: from then on each tick prints `E` and the address of the page.

  org 0x7c00
  cpu 686

COM1            equ 0x3f8
LINE_STATUS     equ COM1 + 5
TRANSMITTER_EMPTY equ 0x20
PIC1            equ 0x20
PIC2            equ 0xa0
PIT             equ 0x40
TICK_VECTOR     equ 0x20
PAGE_SIZE       equ 4096
PAGES_A_STEP    equ 256
PASS_MASK       equ PAGE_SIZE - 1

bits 16
  jmp short start
  align 4, nop

; What differs between variants of the image; test/support/guests.ts writes it by these offsets.
walk_begin:     dd 0x0010_0000          ; offset 4: 1 MiB
walk_end:       dd 0x03f0_0000          ; offset 8: 64 MiB, without the last one, which is the firmware's
timer_divisor:  dw 23864                ; offset 12: of 1193182 Hz, for 50 steps a second

start:
  cli
  xor ax, ax
  mov ds, ax
  in al, 0x92                           ; A20 on, and no reset (bit 0)
  or al, 2
  and al, 0xfe
  out 0x92, al
  lgdt [gdt_register]
  mov eax, cr0
  or al, 1
  mov cr0, eax
  jmp 0x08:flat

bits 32
flat:
  mov ax, 0x10
  mov ds, ax
  mov es, ax
  mov ss, ax
  mov esp, 0x7c00

  mov al, 0x11                          ; PIC: IRQ 0 at TICK_VECTOR, all others masked
  out PIC1, al
  mov al, TICK_VECTOR
  out PIC1 + 1, al
  mov al, 4
  out PIC1 + 1, al
  mov al, 1
  out PIC1 + 1, al
  mov al, 0xfe
  out PIC1 + 1, al
  mov al, 0xff
  out PIC2 + 1, al
  mov al, 0x34                          ; timer channel 0, rate generator
  out PIT + 3, al
  mov ax, [timer_divisor]
  out PIT, al
  mov al, ah
  out PIT, al
  lidt [idt_register]

  mov edi, [walk_begin]                 ; pass 0: nothing to find yet
.fill:
  mov [edi], edi
  add edi, PAGE_SIZE
  cmp edi, [walk_end]
  jb .fill

  xor ebp, ebp                          ; the pass before
  xor esi, esi                          ; the step
  sti

pass:
  lea ebx, [ebp + 1]                    ; this pass
  and ebx, PASS_MASK
  mov edi, [walk_begin]                 ; the page
.step:
  hlt
  mov ecx, PAGES_A_STEP
.page:
  mov eax, edi
  or eax, ebp
  cmp [edi], eax
  jne mismatch
  xor eax, ebp
  or eax, ebx
  mov [edi], eax
  add edi, PAGE_SIZE
  loop .page
  mov edx, esi
  call print_hex
  inc esi
  cmp edi, [walk_end]
  jb .step
  mov ebp, ebx
  jmp pass

mismatch:
  mov al, 'E'
  call print
  mov edx, edi
  call print_hex
  hlt
  jmp mismatch

; edx as eight hex digits and a newline. Clobbers eax, ecx.
print_hex:
  mov ecx, 8
.digit:
  rol edx, 4
  mov al, dl
  and al, 0xf
  cmp al, 10
  sbb al, 0x69                          ; 0..15 to '0'..'9', 'A'..'F'
  das
  call print
  loop .digit
  mov al, 10

; al to the serial port. Clobbers nothing.
print:
  push edx
  push eax
  mov edx, LINE_STATUS
.busy:
  in al, dx
  test al, TRANSMITTER_EMPTY
  jz .busy
  mov edx, COM1
  pop eax
  out dx, al
  pop edx
  ret

tick:
  push eax
  mov al, 0x20                          ; end of interrupt
  out PIC1, al
  pop eax
  iretd

  align 8, db 0
gdt:
  dq 0
  dq 0x00cf_9a00_0000_ffff              ; 0x08: code, 4 GiB flat
  dq 0x00cf_9200_0000_ffff              ; 0x10: data, 4 GiB flat
gdt_register:
  dw $ - gdt - 1
  dd gdt

tick_gate:                              ; the only entry of the IDT that is there
  dw tick, 0x08, 0x8e00, 0
idt_register:
  dw (TICK_VECTOR + 1) * 8 - 1
  dd tick_gate - TICK_VECTOR * 8

  times 510 - ($ - $$) db 0
  dw 0xaa55
