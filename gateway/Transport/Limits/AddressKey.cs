using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace IotPlatform.Transport.Limits;

/// <summary>
/// An address as limits count it: IPv4 whole, of IPv6 the network of 64 bits that one subscriber gets (RFC 6177). Short, because there may be a million.
/// </summary>
internal readonly record struct AddressKey(ulong Value)
{
    // ::ffff:0:0/96 are IPv4 addresses in IPv6 already; their first half is a network that nobody has.
    private const ulong V4 = 0x0000_FFFF_0000_0000;

    public static AddressKey Of(EndPoint client) => client is IPEndPoint { Address: var address } ? Of(address) : default;

    public static AddressKey Of(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        return address.AddressFamily == AddressFamily.InterNetwork ? new AddressKey(V4 | BinaryPrimitives.ReadUInt32BigEndian(bytes))
            : address.IsIPv4MappedToIPv6 ? new AddressKey(V4 | BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]))
            : new AddressKey(BinaryPrimitives.ReadUInt64BigEndian(bytes));
    }
}
