using IotPlatform.Transport;

namespace IotPlatform.Unit.Tests.Transport;

/// <summary>Notes what is sent, and what the peer has of it by then.</summary>
internal sealed class SeenSends(Func<bool> hasPeerAny) : IConnectionTap
{
    public List<(int Bytes, SendOutcome Outcome, bool HasPeerAny)> All { get; } = [];

    public void Sent(ReadOnlySpan<byte> packets, SendOutcome outcome) => All.Add((packets.Length, outcome, hasPeerAny()));
}
