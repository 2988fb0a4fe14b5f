using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace IotPlatform.Bench.Linux;

/// <summary>The kernel's <c>struct sockaddr_in</c>: port and address in network order.</summary>
[StructLayout(LayoutKind.Sequential, Size = 16)]
internal struct InternetAddress
{
    private readonly ushort _family;
    private readonly ushort _port;
    private readonly uint _address;

    /// <summary>127.0.0.<paramref name="host"/>, all of which are this machine.</summary>
    public InternetAddress(byte host, int port)
    {
        _family = Libc.AddressFamilyInet;
        _port = BinaryPrimitives.ReverseEndianness((ushort)port);
        _address = BinaryPrimitives.ReverseEndianness(0x7F00_0000u | host);
    }

    public readonly int Port => BinaryPrimitives.ReverseEndianness(_port);
}
