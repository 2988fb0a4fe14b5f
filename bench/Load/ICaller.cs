namespace IotPlatform.Bench.Load;

/// <summary>Something whose descriptors the load loop watches beside those of the devices.</summary>
internal interface ICaller
{
    /// <summary>Reads what the descriptor with this token has.</summary>
    void Handle(int token);
}
