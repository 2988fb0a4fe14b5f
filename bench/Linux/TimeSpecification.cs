using System.Runtime.InteropServices;

namespace IotPlatform.Bench.Linux;

/// <summary>The kernel's <c>struct timespec</c> on 64-bit machines.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TimeSpecification
{
    public long Seconds;
    public long Nanoseconds;
}
