using System.Runtime.InteropServices;

namespace IotPlatform.Bench.Linux;

/// <summary>One epoll instance with the events of its last wait. Each descriptor carries a token of its owner's choice.</summary>
internal sealed unsafe class Epoll : IDisposable
{
    public const uint Readable = 0x1;
    public const uint Writable = 0x4;

    /// <summary>Tells of a change once; without it the kernel looks at every reported descriptor a second time.</summary>
    public const uint EdgeTriggered = 1u << 31;

    private const int Add = 1;
    private const int Remove = 2;
    private const int Modify = 3;

    // struct epoll_event is packed on x86-64 only.
    private static readonly int EventBytes = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    private static readonly int TokenOffset = EventBytes - sizeof(ulong);

    private readonly int _eventsMax;
    private readonly byte* _events;

    public Epoll(int eventsMax)
    {
        _eventsMax = eventsMax;
        _events = (byte*)NativeMemory.AllocZeroed((nuint)(eventsMax * EventBytes));
        Descriptor = RawSocket.Check(Libc.EpollCreate(Libc.CloseOnExec));
    }

    public int Descriptor { get; }

    public void Watch(int descriptor, uint events, int token) => Control(Add, descriptor, events, token);

    public void Change(int descriptor, uint events, int token) => Control(Modify, descriptor, events, token);

    public void Forget(int descriptor) => Control(Remove, descriptor, 0, 0);

    /// <summary>Waits for events; a negative timeout waits for ever. Answers how many there are to read with <see cref="TokenAt"/>.</summary>
    public int Wait(int timeoutMilliseconds)
    {
        var count = Libc.EpollWait(Descriptor, _events, _eventsMax, timeoutMilliseconds);
        return count >= 0 ? count : RawSocket.Errno == Libc.Interrupted ? 0 : throw RawSocket.LastError();
    }

    public int TokenAt(int index) => *(int*)(_events + (index * EventBytes) + TokenOffset);

    public uint EventsAt(int index) => *(uint*)(_events + (index * EventBytes));

    public void Dispose()
    {
        RawSocket.Close(Descriptor);
        NativeMemory.Free(_events);
    }

    private void Control(int operation, int descriptor, uint events, int token)
    {
        var epollEvent = stackalloc byte[16];
        *(uint*)epollEvent = events;
        *(ulong*)(epollEvent + TokenOffset) = (uint)token;
        RawSocket.Check(Libc.EpollControl(Descriptor, operation, descriptor, epollEvent));
    }
}
