using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace IotPlatform.Devices;

/// <summary>An address and port as text, kept in few bytes where they are of IPv4: there may be a million of them.</summary>
internal readonly struct PackedAddress
{
    // A zero first byte would be no client's address: 0 says that it is kept as text.
    private readonly uint _address;
    private readonly ushort _port;
    private readonly string? _text;

    public PackedAddress(string text)
    {
        if (IPEndPoint.TryParse(text, out var endPoint) && endPoint.AddressFamily == AddressFamily.InterNetwork)
        {
            (_address, _port) = (AddressOf(endPoint.Address), (ushort)endPoint.Port);
        }

        // What is written otherwise is shown as it came.
        if (_address == 0 || ToText() != text)
        {
            _text = text;
        }
    }

    public override string ToString() => _text ?? ToText();

    private static uint AddressOf(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[4];
        address.TryWriteBytes(bytes, out _);
        return MemoryMarshal.Read<uint>(bytes);
    }

    private string ToText() => new IPEndPoint(_address, _port).ToString();
}
