using IotPlatform.Bench.Linux;

namespace IotPlatform.Bench.Load;

/// <summary>Makes broadcast calls over connections of its own, several at a time, and reports their answers to the ledger.</summary>
internal interface IBroadcastCaller : ICaller, IDisposable
{
    /// <summary>Connects, and has its descriptors watched by <paramref name="epoll"/> with tokens of its own choice.</summary>
    void Open(Epoll epoll, DeliveryLedger ledger);

    /// <summary>Sends the call of this broadcast; as many may be unanswered as the caller was made for.</summary>
    void Call(int sequence);
}
