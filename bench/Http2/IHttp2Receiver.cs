namespace IotPlatform.Bench.Http2;

/// <summary>Takes what comes on the streams of a connection.</summary>
internal interface IHttp2Receiver
{
    /// <summary>A part of a stream's body.</summary>
    void Data(int stream, ReadOnlySpan<byte> data);

    /// <summary>The server has ended a stream.</summary>
    /// <param name="stream">Which.</param>
    /// <param name="fields">The fields that it ended with, encoded.</param>
    void Ended(int stream, ReadOnlySpan<byte> fields);

    /// <summary>The server takes more on a stream, beyond its first window.</summary>
    void Granted(int stream, int bytes);
}
