using IotPlatform.Bench.Linux;

namespace IotPlatform.Bench.Load;

/// <summary>Sends messages to single devices, in one of the ways that a server offers, and reports the answers to the ledger.</summary>
internal interface IMessageCaller : ICaller, IDisposable
{
    /// <summary>Connects.</summary>
    void Open(Epoll epoll);

    /// <summary>Whether one more message for this device may be under way.</summary>
    bool MayCallFor(int device);

    /// <summary>Calls for a message of the ledger; it has left with the next <see cref="Flush"/> at the latest.</summary>
    void Call(int sequence);

    /// <summary>Sends what was called for.</summary>
    void Flush();
}
