using System.Runtime.InteropServices;

namespace IotPlatform.Bench.Floor;

/// <summary>
/// The floor's connections: arrays indexed by file descriptor, which the kernel hands out densely, and nothing else.
/// A descriptor is online when its topic prefix is not empty; a prefix occupies one cache line.
/// </summary>
internal sealed unsafe class FloorConnections
{
    private const int PrefixStride = 64;

    // More than any process may hold open by default; untouched pages cost nothing.
    private const int DescriptorsMax = 1 << 18;

    // Layout of one entry: the length in one byte, then the prefix.
    private readonly byte* _prefixes = (byte*)NativeMemory.AllocZeroed(DescriptorsMax, PrefixStride);
    private readonly byte[]?[] _pending = new byte[]?[DescriptorsMax];

    /// <summary>One more than the highest descriptor that was ever online: where a walk ends.</summary>
    public int End { get; private set; }

    /// <summary>Connections with bytes that the socket has not taken yet.</summary>
    public int PendingCount { get; private set; }

    /// <summary>The topic up to the message id; empty for a descriptor that is not online.</summary>
    public ReadOnlySpan<byte> PrefixOf(int descriptor)
    {
        var entry = _prefixes + ((long)descriptor * PrefixStride);
        return new ReadOnlySpan<byte>(entry + 1, *entry);
    }

    /// <summary>Reads <c>{deviceName}&amp;{productKey}</c> and keeps <c>/sys/{productKey}/{deviceName}/broadcast/request/</c>; false when it is too long.</summary>
    public bool TryAdd(int descriptor, ReadOnlySpan<byte> userName)
    {
        var split = userName.IndexOf((byte)'&');
        var length = "/sys/"u8.Length + userName.Length + "/broadcast/request/"u8.Length;
        if (split < 0 || length >= PrefixStride || descriptor >= DescriptorsMax)
        {
            return false;
        }

        var entry = _prefixes + ((long)descriptor * PrefixStride);
        *entry = (byte)length;
        WritePrefix(new Span<byte>(entry + 1, length), userName[(split + 1)..], userName[..split]);
        End = Math.Max(End, descriptor + 1);
        return true;
    }

    public void Remove(int descriptor)
    {
        _prefixes[(long)descriptor * PrefixStride] = 0;
        SetPending(descriptor, null);
    }

    public byte[]? PendingOf(int descriptor) => _pending[descriptor];

    public void SetPending(int descriptor, byte[]? bytes)
    {
        PendingCount += (bytes is null ? 0 : 1) - (_pending[descriptor] is null ? 0 : 1);
        _pending[descriptor] = bytes;
    }

    private static void WritePrefix(Span<byte> to, ReadOnlySpan<byte> productKey, ReadOnlySpan<byte> deviceName)
    {
        "/sys/"u8.CopyTo(to);
        to = to["/sys/"u8.Length..];
        productKey.CopyTo(to);
        to[productKey.Length] = (byte)'/';
        to = to[(productKey.Length + 1)..];
        deviceName.CopyTo(to);
        "/broadcast/request/"u8.CopyTo(to[deviceName.Length..]);
    }
}
