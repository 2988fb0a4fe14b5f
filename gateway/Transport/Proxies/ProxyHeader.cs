using System.Buffers.Binary;
using System.Net;

namespace IotPlatform.Transport.Proxies;

/// <summary>The header of the PROXY protocol, version 2 (haproxy.org, proxy-protocol.txt, section 2.2).</summary>
internal static class ProxyHeader
{
    /// <summary>What is always there: signature, version and command, family and transport, length of the rest.</summary>
    public const int FixedBytes = 16;

    /// <summary>Bytes of the longest header that is taken, with what load balancers add about TLS and themselves. The format allows 64 KiB.</summary>
    public const int BytesMax = 4096;

    private const int Local = 0x20;
    private const int Proxy = 0x21;
    private const int Tcp4Bytes = 12;
    private const int Tcp6Bytes = 36;

    private static ReadOnlySpan<byte> Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    // 0D 0A 0D 0A 00 0D 0A 51 55 49 54 0A | 2c | ft | length, 2 bytes | addresses | TLVs
    /// <param name="bytes">What was received.</param>
    /// <param name="needed">How many bytes the header has in all, as far as that is known.</param>
    /// <param name="client">Where the client is; null when the header does not say so: then it is who sent it.</param>
    public static ProxyHeaderStatus TryRead(ReadOnlySpan<byte> bytes, out int needed, out IPEndPoint? client)
    {
        needed = FixedBytes;
        client = null;
        var signature = Math.Min(bytes.Length, Signature.Length);
        if (!bytes[..signature].SequenceEqual(Signature[..signature]))
        {
            return ProxyHeaderStatus.Malformed;
        }

        if (bytes.Length < FixedBytes)
        {
            return ProxyHeaderStatus.NeedMore;
        }

        var (command, family) = (bytes[12], bytes[13]);
        needed = FixedBytes + BinaryPrimitives.ReadUInt16BigEndian(bytes[14..]);
        return command is not (Local or Proxy) || !IsKnown(family) || needed > BytesMax ? ProxyHeaderStatus.Malformed
            : command == Proxy && needed - FixedBytes < AddressBytes(family) ? ProxyHeaderStatus.Malformed
            : bytes.Length < needed ? ProxyHeaderStatus.NeedMore
            : Complete(command == Proxy ? ClientIn(bytes[FixedBytes..], family) : null, out client);
    }

    private static ProxyHeaderStatus Complete(IPEndPoint? found, out IPEndPoint? client)
    {
        client = found;
        return ProxyHeaderStatus.Complete;
    }

    // Unspecified; TCP and UDP over IPv4 and IPv6; stream and datagram of Unix.
    private static bool IsKnown(byte family) => family is 0x00 or 0x11 or 0x12 or 0x21 or 0x22 or 0x31 or 0x32;

    private static int AddressBytes(byte family) => family switch
    {
        0x11 => Tcp4Bytes,
        0x21 => Tcp6Bytes,
        _ => 0,
    };

    // Source address, destination address, source port, destination port. What is neither of the two counts as unspecified.
    private static IPEndPoint? ClientIn(ReadOnlySpan<byte> addresses, byte family) => family switch
    {
        0x11 => new IPEndPoint(new IPAddress(addresses[..4]), BinaryPrimitives.ReadUInt16BigEndian(addresses[8..])),
        0x21 => ClientAddress.Of(new IPAddress(addresses[..16]), BinaryPrimitives.ReadUInt16BigEndian(addresses[32..])),
        _ => null,
    };
}
