namespace IotPlatform.Transport;

/// <summary>A connection that is over here, and whose peer is still to see how it ended.</summary>
internal interface ILingerer
{
    /// <summary>Throws away some of what the peer has sent since.</summary>
    /// <returns>False when it is over for the peer too.</returns>
    bool Discard();

    /// <summary>Ends what is left of it, also where nothing is.</summary>
    void GiveUp();
}
