using System.Runtime.InteropServices;

namespace IotPlatform.Transport;

/// <summary>
/// The system call that sends, on Linux, without what <see cref="System.Net.Sockets.Socket"/> does around it: that is a tenth of what a small packet costs.
/// Whoever calls it sees to it that the descriptor stays open meanwhile. Measured by <c>bench -- broadcast-wide</c>.
/// </summary>
internal static partial class SystemSend
{
    // MSG_NOSIGNAL of socket.h: a broken connection is an error, and no signal.
    private const int NoSignal = 0x4000;

    /// <summary>Whether there is this call here.</summary>
    public static bool IsSupported { get; } = OperatingSystem.IsLinux();

    /// <summary>Sends what a socket that does not block takes at once.</summary>
    /// <returns>Bytes; below 0 where it took none, for whatever reason.</returns>
    public static int Send(int descriptor, ReadOnlySpan<byte> bytes) => (int)Send(descriptor, bytes, bytes.Length, NoSignal);

    [LibraryImport("libc", EntryPoint = "send")]
    private static partial nint Send(int descriptor, ReadOnlySpan<byte> bytes, nint length, int flags);
}
